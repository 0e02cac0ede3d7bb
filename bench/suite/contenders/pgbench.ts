import { QUANTILES, type Slice } from '../../../src/bench/slice.ts';
import { percentile } from '../../../src/bench/statistics.ts';
import type { Limit } from '../contender.ts';
import { missingPgbench, type PgbenchRun, runPgbench } from './pgbench-process.ts';
import { callScript, isPgbenchCase, PGBENCH_CASES, proofScripts } from './pgbench-scripts.ts';

/** PostgreSQL's own benchmark program, written in C: each slice is a run of it in a process of its own. */
export const pgbench: Limit = {
  name: 'pgbench',
  recipe: 'a limit: begin, set_config, statement and commit in one pipeline',
  source: 'https://www.postgresql.org/docs/17/pgbench.html',
  cases: PGBENCH_CASES,
  // Each of its clients is a connection, so it can have no more users than connections.
  plots: ['work', 'network', 'rows', 'users'],
  missing: missingPgbench,
  async enter({ case: name, rows, users, tasks }, target) {
    if (!isPgbenchCase(name)) throw new Error(`pgbench has no script for ${name}.`);
    const order = { target, variables: { rows, users } };
    for (const script of proofScripts(name)) {
      await runPgbench({ ...order, script, clients: 1, length: { calls: 1 } });
    }
    const script = callScript(name);
    return {
      name: 'pgbench',
      async slice(durationMs, runUpMs) {
        const seconds = Math.ceil((runUpMs + durationMs) / 1e3);
        const run = await runPgbench({ ...order, script, clients: tasks, length: { seconds } });
        return sliceOf(run, durationMs, runUpMs);
      },
      close: () => Promise.resolve(),
    };
  },
};

/** It runs for whole seconds, of which a part counts: the calls that began in `durationMs`, from the first one behind the run-up. */
export function sliceOf({ calls, cpu }: PgbenchRun, durationMs: number, runUpMs: number): Slice {
  const begins = calls.map(({ endMs, latencyUs }) => endMs - latencyUs / 1e3);
  const ranUp = earliest(begins) + runUpMs;
  const from = earliest(begins.filter((begin) => begin >= ranUp));
  const counted = calls.filter((_, at) => begins[at]! >= from && begins[at]! < from + durationMs);
  const to = counted.reduce((last, { endMs }) => Math.max(last, endMs), from);
  const sorted = Float64Array.from(counted, ({ latencyUs }) => latencyUs).sort();
  return {
    calls: calls.length,
    perSecond: sorted.length / ((to - from) / 1e3),
    p50Us: percentile(sorted, 0.5),
    p99Us: percentile(sorted, 0.99),
    quantilesUs: QUANTILES.map((share) => percentile(sorted, share)),
    cpuUs: (computedBy(cpu, to) - computedBy(cpu, from)) / sorted.length,
  };
}

function earliest(moments: readonly number[]): number {
  return moments.reduce((first, moment) => Math.min(first, moment), Infinity);
}

/** At a moment between two samples. */
function computedBy(cpu: PgbenchRun['cpu'], atMs: number): number {
  const after = cpu.findIndex((sample) => sample.atMs >= atMs);
  const later = cpu.at(after)!;
  const earlier = cpu[after - 1] ?? later;
  if (later.atMs <= atMs || later === earlier) return later.usedUs;
  const share = (atMs - earlier.atMs) / (later.atMs - earlier.atMs);
  return earlier.usedUs + share * (later.usedUs - earlier.usedUs);
}
