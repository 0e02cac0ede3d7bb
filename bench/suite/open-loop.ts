import { percentile } from '../../src/bench/statistics.ts';

/** What came of calls that begin when users ask, whether or not earlier ones have been answered. */
export interface OpenLoop {
  /** Calls a second that were asked for. */
  readonly rate: number;
  readonly calls: number;
  readonly failed: number;
  /** From the moment when the call was due, so that a late beginning counts. */
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
  /** Share of the connections that were in use, from 0 to 1, on average; undefined where the contender does not tell. */
  readonly utilization: number | undefined;
}

interface OpenLoopOptions {
  readonly rate: number;
  readonly durationMs: number;
  /** Unmeasured before it, at the same rate. */
  readonly warmUpMs: number;
  readonly random: () => number;
  readonly utilization: (() => number) | undefined;
}

const SAMPLE_EVERY_MS = 10;

/**
 * Asks at random moments, as many independent users do: the pauses between them are exponential. The next moment is that of the
 * plan, not that of the last answer; otherwise a slow answer would let fewer calls be asked.
 */
export async function runOpenLoop(
  call: (n: number) => Promise<unknown>,
  { rate, durationMs, warmUpMs, random, utilization }: OpenLoopOptions,
): Promise<OpenLoop> {
  const latencies: number[] = [];
  const running = new Set<Promise<void>>();
  const used: number[] = [];
  let failed = 0;
  const begun = performance.now();
  const measuredFrom = begun + warmUpMs;
  const end = measuredFrom + durationMs;
  const sampling = setInterval(() => {
    if (utilization !== undefined && performance.now() > measuredFrom) used.push(utilization());
  }, SAMPLE_EVERY_MS);
  try {
    let due = begun;
    for (let n = 0; due < end; n++) {
      const now = performance.now();
      if (due > now) await new Promise((resolve) => setTimeout(resolve, due - now));
      const asked = due;
      const one = call(n)
        .then(
          () => {
            if (asked >= measuredFrom) latencies.push((performance.now() - asked) * 1e3);
          },
          () => {
            failed += 1;
          },
        )
        .finally(() => running.delete(one));
      running.add(one);
      due += (-Math.log(1 - random()) / rate) * 1e3;
    }
    await Promise.all(running);
  } finally {
    clearInterval(sampling);
  }
  const sorted = Float64Array.from(latencies).sort();
  return {
    rate,
    calls: sorted.length,
    failed,
    p50Us: percentile(sorted, 0.5),
    p95Us: percentile(sorted, 0.95),
    p99Us: percentile(sorted, 0.99),
    utilization: used.length === 0 ? undefined : used.reduce((sum, share) => sum + share, 0) / used.length,
  };
}
