import { type BenchRow, type Figure, figureOf, roundRatios } from './bench-row.ts';
import type { Change } from './compare-runs.ts';
import { ratioOf } from './ratio.ts';
import { readable, textTable } from './text-table.ts';

/** Who is compared with whom, and how the reader is told. */
interface Comparison {
  readonly title: string;
  /** What the group is, for the reader. */
  readonly about: string;
  readonly rows: readonly BenchRow[];
  readonly baseline: string | undefined;
  /** Above the column of ratios. */
  readonly ratioTitle: string;
}

/** The table of one group. */
export function comparisonLines({ title, about, rows, baseline, ratioTitle }: Comparison): string[] {
  const titles = comparisonTitles(rows, baseline, ratioTitle);
  return [
    title,
    ...(about === '' ? [] : [`  ${about}`]),
    ...textTable(
      titles.map((each, at) => ({ title: each, align: at === 0 ? 'left' : 'right' })),
      comparisonCells(rows, baseline),
    ).map((line) => `  ${line}`),
  ];
}

/** Above the cells. The last one only where there is something to compare with. */
export function comparisonTitles(
  rows: readonly BenchRow[],
  baseline: string | undefined,
  ratioTitle: string,
): readonly string[] {
  const figures = ['contender', 'calls/s', 'min–max', 'p50 ms', 'p99 ms', 'CPU µs/call', 'client CPU'];
  const isCompared = rows.length > 1 && rows.some(({ contender }) => contender === baseline);
  return isCompared ? [...figures, ratioTitle] : figures;
}

/** One line for each contender. */
export function comparisonCells(
  rows: readonly BenchRow[],
  baseline: string | undefined,
): readonly (readonly string[])[] {
  const base = rows.find(({ contender }) => contender === baseline);
  return rows.map((row) => {
    const rates = row.rounds.map(({ perSecond }) => perSecond);
    return [
      row.contender,
      readable(row.perSecond),
      `${readable(Math.min(...rates))}–${readable(Math.max(...rates))}`,
      readable(row.p50Us / 1e3),
      readable(row.p99Us / 1e3),
      readable(row.cpuUs),
      clientShare(row),
      ...(base === undefined || rows.length < 2 ? [] : [base === row ? '' : timesBetter(base, row)]),
    ];
  });
}

/** How much of one core the client kept busy: near 100 % the client is what was measured, not the server. */
function clientShare({ perSecond, cpuUs }: Pick<BenchRow, 'perSecond' | 'cpuUs'>): string {
  return `${((perSecond * cpuUs) / 1e4).toFixed(0)} %`;
}

/** `3.52×`, or that there is no difference beyond the noise. */
function timesBetter(base: BenchRow, other: BenchRow): string {
  const { ratio, difference } = ratioOf(roundRatios(figureOf(base), base, other));
  return difference === 'none' ? 'no difference' : `${ratio.toFixed(2)}×`;
}

const FIGURE_TEXT: Readonly<Record<Figure, string>> = {
  perSecond: 'calls a second',
  p50Us: 'latency',
  cpuUs: 'CPU a call',
};

/** What changed since an earlier run; what did not is counted only. */
export function changeTable(changes: readonly Change[]): string[] {
  const changed = changes.filter(
    ({ verdict, where }) => verdict !== 'no difference' || where.startsWith('all'),
  );
  return textTable(
    [
      { title: 'where', align: 'left' },
      { title: 'contender', align: 'left' },
      { title: 'figure', align: 'left' },
      { title: 'now is', align: 'right' },
      { title: '', align: 'left' },
    ],
    changed.map(({ where, contender, figure, ratio, verdict }) => [
      where,
      contender,
      FIGURE_TEXT[figure],
      `${ratio.toFixed(2)}×`,
      verdict,
    ]),
  );
}
