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
  const base = rows.find(({ contender }) => contender === baseline);
  const cells = rows.map((row) => {
    const rates = row.rounds.map(({ perSecond }) => perSecond);
    return [
      row.contender,
      readable(row.perSecond),
      `${readable(Math.min(...rates))}–${readable(Math.max(...rates))}`,
      readable(row.p50Us / 1e3),
      readable(row.p99Us / 1e3),
      readable(row.cpuUs),
      clientShare(row),
      base === undefined || base === row ? '' : timesBetter(base, row),
    ];
  });
  return [
    title,
    ...(about === '' ? [] : [`  ${about}`]),
    ...textTable(
      [
        { title: 'contender', align: 'left' },
        { title: 'calls/s', align: 'right' },
        { title: 'min–max', align: 'right' },
        { title: 'p50 ms', align: 'right' },
        { title: 'p99 ms', align: 'right' },
        { title: 'CPU µs/call', align: 'right' },
        { title: 'client CPU', align: 'right' },
        { title: base === undefined ? '' : ratioTitle, align: 'right' },
      ],
      cells,
    ).map((line) => `  ${line}`),
  ];
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
