import { median } from '../../src/bench/statistics.ts';

export interface CpuPerCall {
  /** CPU time of this process, microseconds, median of the rounds. */
  readonly cpuUs: number;
  readonly perSecond: number;
}

const WARM_UP_CALLS = 50_000;
const CALLS = 100_000;

/** Runs calls one after the other, each awaited; the loop itself is part of the time. */
export async function cpuPerCall(call: (n: number) => Promise<unknown>, rounds: number): Promise<CpuPerCall> {
  for (let n = 0; n < WARM_UP_CALLS; n++) await call(n);
  const cpuUs: number[] = [];
  const perSecond: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    const start = performance.now();
    for (let n = 0; n < CALLS; n++) await call(n);
    const { user, system } = process.cpuUsage(before);
    cpuUs.push((user + system) / CALLS);
    perSecond.push(CALLS / ((performance.now() - start) / 1e3));
  }
  return { cpuUs: median(cpuUs), perSecond: median(perSecond) };
}
