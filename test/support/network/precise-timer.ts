/**
 * A timer of microseconds for the delaying proxy.
 *
 * Node's own timers count whole milliseconds of a cached clock: asked for 1 ms they fire anywhere between 0.1 ms
 * and 2 ms later, depending on what else woke the loop. Here a worker thread sleeps on a futex until the
 * moment asked for (`Atomics.wait` takes fractions of a millisecond) and then sends a message: no loop
 * is busy, and neither thread blocks the other.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Milliseconds of the machine's monotonic clock, the same in every thread. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

export class PreciseTimer {
  readonly #onDue: () => void;
  readonly #armed = new Int32Array(new SharedArrayBuffer(4));
  readonly #moment = new Float64Array(new SharedArrayBuffer(8));
  #worker: Worker | undefined;

  /** `onDue` runs once for every `arm`, as soon as its moment has come. */
  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  async start(): Promise<void> {
    const worker = new Worker(new URL('./precise-timer-thread.ts', import.meta.url), {
      workerData: { armed: this.#armed, moment: this.#moment },
    });
    worker.on('message', this.#onDue);
    this.#worker = worker;
    await once(worker, 'online');
  }

  /** Sets the next moment, on `monotonicMs()`. One at a time: arm again only after `onDue`. */
  arm(moment: number): void {
    this.#moment[0] = moment;
    Atomics.store(this.#armed, 0, 1);
    Atomics.notify(this.#armed, 0);
  }

  async stop(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}
