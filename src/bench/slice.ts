import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Clock, systemClock } from '../contract/clock.ts';
import { percentile } from './statistics.ts';

/** What one contender did in one round. */
export interface Slice {
  /** Including those of the run-up. */
  readonly calls: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Latencies in microseconds, in the order of `QUANTILES`. */
  readonly quantilesUs: readonly number[];
  /** CPU time of this process per call, including the loop of the benchmark. */
  readonly cpuUs: number;
}

interface SliceOptions {
  readonly tasks: number;
  readonly durationMs: number;
  /**
   * Before the slice, the same calls unmeasured. A full collection while no call is running makes V8 throw away
   * optimized code, because no object of the shapes that it was made for is alive (`node --trace-deopt`:
   * "embedded weak objects cleared"). Under load there always are some. Measured after one: 94 µs of CPU for each of
   * our calls in the first 0.3 s, 71 in the next, then 57.
   */
  readonly runUpMs: number;
  /** Number of the first call. The following calls have the following numbers. */
  readonly firstCall: number;
}

/** Shares of all calls that took no longer: the shape of a distribution. */
export const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999] as const;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Keeps `tasks` calls running for `durationMs`, each task with one call at least, and ends when the last of them has been answered. Rejects
 * with the first error of a call, once all have settled.
 */
export async function runSlice(
  call: (n: number) => Promise<unknown>,
  { tasks, durationMs, runUpMs, firstCall }: SliceOptions,
  clock: Clock = systemClock,
): Promise<Slice> {
  // One contender's garbage must not be collected during another's turn.
  collectGarbage();
  const runUp = await keepCalling(call, tasks, runUpMs, firstCall, clock);
  const cpuBefore = process.cpuUsage();
  const start = clock.now();
  const latencies = await keepCalling(call, tasks, durationMs, firstCall + runUp.count, clock);
  const elapsedMs = clock.now() - start;
  const cpu = process.cpuUsage(cpuBefore);
  const sorted = latencies.sorted();
  return {
    calls: runUp.count + sorted.length,
    perSecond: sorted.length / (elapsedMs / 1e3),
    p50Us: percentile(sorted, 0.5),
    p99Us: percentile(sorted, 0.99),
    quantilesUs: QUANTILES.map((share) => percentile(sorted, share)),
    cpuUs: (cpu.user + cpu.system) / sorted.length,
  };
}

async function keepCalling(
  call: (n: number) => Promise<unknown>,
  tasks: number,
  durationMs: number,
  firstCall: number,
  clock: Clock,
): Promise<Latencies> {
  const latencies = new Latencies();
  if (durationMs === 0) return latencies;
  let next = firstCall;
  let stopped = false;
  const end = clock.now() + durationMs;
  const task = async () => {
    let before = clock.now();
    do {
      await call(next++);
      const after = clock.now();
      latencies.add((after - before) * 1e3);
      before = after;
    } while (before < end && !stopped);
  };
  const settled = await Promise.allSettled(
    Array.from({ length: tasks }, () =>
      task().catch((error: unknown) => {
        stopped = true;
        throw error;
      }),
    ),
  );
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  return latencies;
}

/** Grows by doubling, so that measuring a call allocates nothing. */
class Latencies {
  #values = new Float64Array(1 << 16);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(us: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = us;
  }

  sorted(): Float64Array {
    return this.#values.subarray(0, this.#count).sort();
  }
}
