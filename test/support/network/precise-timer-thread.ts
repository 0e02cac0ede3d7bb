/** The thread of `PreciseTimer`: sleeps until it is armed, then until the moment, then says so. */
import { parentPort, workerData } from 'node:worker_threads';

const { armed, moment } = workerData as { armed: Int32Array; moment: Float64Array };
const never = new Int32Array(new SharedArrayBuffer(4));

for (;;) {
  Atomics.wait(armed, 0, 0);
  Atomics.store(armed, 0, 0);
  const [seconds, nanoseconds] = process.hrtime();
  const wait = moment[0]! - (seconds * 1000 + nanoseconds / 1e6);
  if (wait > 0) Atomics.wait(never, 0, 0, wait);
  parentPort?.postMessage(0);
}
