import * as z from 'zod';
import { type BenchRow, figureOf, roundRatios } from './bench-row.ts';
import { type Change, compareRuns } from './compare-runs.ts';
import { ratioOf } from './ratio.ts';
import type { BenchRun } from './run-bench.ts';

const figure = z.number().positive();

/** What is needed of a row to compare it with another. */
const ROW = z.object({
  case: z.string(),
  contender: z.string(),
  tasks: z.int().positive(),
  perSecond: figure,
  p50Us: figure,
  p99Us: figure,
  quantilesUs: z.array(figure),
  cpuUs: figure,
  rounds: z.array(z.object({ perSecond: figure, p50Us: figure, cpuUs: figure })),
});

const FILE = z.object({ bench: z.literal('own'), rows: z.array(ROW) });

/** What an earlier run wrote. */
export type EarlierRun = z.output<typeof FILE>;

/** The JSON of a run: its figures, and how many times better the baseline did than each other way of its group. */
export function benchJson(run: BenchRun): object {
  const { facts, warnings, startedAt, bench, results } = run;
  const rows = results.flatMap((result) => result.rows);
  const ratios = results.flatMap((result) => {
    const base = result.rows.find(({ contender }) => contender === result.measured.baseline);
    if (base === undefined) return [];
    return result.rows
      .filter((row) => row !== base)
      .map((row) => {
        const compared = figureOf(base);
        const ratio = ratioOf(roundRatios(compared, base, row));
        return { case: row.case, tasks: row.tasks, against: row.contender, figure: compared, ...ratio };
      });
  });
  const { baseline, rounds, seconds, warmUpSeconds, seed } = bench;
  return {
    bench: 'own',
    startedAt,
    facts,
    warnings,
    baseline,
    rounds,
    seconds,
    warmUpSeconds,
    seed,
    ratios,
    rows,
  };
}

/** Undefined where the text is not what `benchJson` made. */
export function readBenchJson(text: string): EarlierRun | undefined {
  try {
    return FILE.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * What became slower since an earlier run: of each case the baseline, against the other ways of its own run; where there are none, as
 * it is.
 */
export function compareBenchRuns(before: EarlierRun, { bench, results }: BenchRun): readonly Change[] {
  const baselines = new Map(results.map(({ measured }) => [measured.name, measured.baseline]));
  const rows = results.flatMap((result) => result.rows);
  return compareRuns(before.rows, rows, {
    groupOf: benchGroup,
    describe: (row) => `${row.case}, ${row.tasks} at a time`,
    isYardstick: (row) => row.contender !== baselines.get(row.case),
    watched: bench.baseline,
  });
}

/** What identifies a group in two runs. */
export function benchGroup({ case: name, tasks }: Pick<BenchRow, 'case' | 'tasks'>): string {
  return JSON.stringify([name, tasks]);
}
