import { isMainThread, parentPort, workerData } from 'node:worker_threads';

/**
 * Shared with the thread that sleeps. A new alarm is written to `dueMs`, then announced by raising
 * `order`; the next one is set only after this one has rung.
 */
export interface ProxyAlarm {
  readonly dueMs: Float64Array;
  readonly order: Int32Array<SharedArrayBuffer>;
}

/** Milliseconds that mean the same in all threads of the process. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

if (!isMainThread) {
  const { dueMs, order } = workerData as ProxyAlarm;
  let rung = 0;
  for (;;) {
    Atomics.wait(order, 0, rung);
    const current = Atomics.load(order, 0);
    for (let left = dueMs[0]! - monotonicMs(); left > 0; left = dueMs[0]! - monotonicMs()) {
      Atomics.wait(order, 0, current, left);
    }
    rung = current;
    parentPort?.postMessage(current);
  }
}
