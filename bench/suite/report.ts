import { readable, textTable } from '../text-table.ts';
import type { Change } from './compare.ts';
import { CASE_TEXT, type SuiteContender } from './contender.ts';
import type { LeftOut } from './contenders/all.ts';
import { describeGroup } from './group.ts';
import { PEAK_LOAD_TITLES, type PeakLoad, peakLoadCells } from './peak-load.ts';
import { ratioOf } from './ratio.ts';
import { type Figure, type GroupResult, roundRatios, type SuiteRow } from './suite-row.ts';
import type { SuiteVerdict } from './wanted.ts';

export function recipeLines(contenders: readonly SuiteContender[]): string[] {
  return textTable(
    [
      { title: 'contender', align: 'left' },
      { title: 'how it works as an authenticated user', align: 'left' },
      { title: 'as told by', align: 'left' },
    ],
    contenders.map(({ name, recipe, source }) => [name, recipe, source]),
  );
}

/** Who could not take part, and what would bring them. */
export function leftOutLines(leftOut: readonly LeftOut[]): string[] {
  if (leftOut.length === 0) return [];
  return ['', 'Left out:', ...leftOut.map(({ name, why }) => `  ${name}: ${why}`)];
}

/** Latency with one task, throughput with many. */
export function figureOf(row: Pick<SuiteRow, 'tasks'>): Figure {
  return row.tasks === 1 ? 'p50Us' : 'perSecond';
}

/** The table of one group. */
export function groupLines({ group, rows }: GroupResult): string[] {
  const ours = rows.find(({ contender }) => contender === 'consolidated-db');
  const cells = rows.map((row) => {
    const rates = row.rounds.map(({ perSecond }) => perSecond);
    return [
      row.contender,
      readable(row.perSecond),
      `${readable(Math.min(...rates))}–${readable(Math.max(...rates))}`,
      readable(row.p50Us / 1e3),
      readable(row.p99Us / 1e3),
      readable(row.cpuUs),
      ours === undefined || ours === row ? '' : versus(ours, row),
    ];
  });
  return [
    describeGroup(group),
    `  ${CASE_TEXT[group.case]}`,
    ...textTable(
      [
        { title: 'contender', align: 'left' },
        { title: 'calls/s', align: 'right' },
        { title: 'min–max', align: 'right' },
        { title: 'p50 ms', align: 'right' },
        { title: 'p99 ms', align: 'right' },
        { title: 'CPU µs/call', align: 'right' },
        { title: ours === undefined ? '' : 'ours is', align: 'right' },
      ],
      cells,
    ).map((line) => `  ${line}`),
  ];
}

/** Many users who come on their own. */
export function peakLoadLines(loads: readonly PeakLoad[]): string[] {
  const [first] = loads;
  if (first === undefined) return [];
  return [
    `${first.group.tasks} users who ask at random moments, 70 % of the peak, on ${first.group.connections} connections`,
    ...textTable(
      PEAK_LOAD_TITLES.map((title, at) => ({ title, align: at === 0 ? 'left' : 'right' })),
      loads.map(peakLoadCells),
    ).map((line) => `  ${line}`),
  ];
}

/** The wanted and the measured ratios. */
export function verdictLines(verdicts: readonly SuiteVerdict[]): string[] {
  const measured = verdicts.filter(({ seen }) => seen !== undefined);
  if (measured.length === 0)
    return [`None of the ${verdicts.length} wanted ratios was measured in this run.`];
  return [
    '',
    ...textTable(
      [
        { title: 'wanted', align: 'left' },
        { title: 'against', align: 'left' },
        { title: 'at least', align: 'right' },
        { title: 'measured', align: 'right' },
        { title: '', align: 'left' },
      ],
      measured.map(({ what, against, atLeast, seen, kept }) => [
        what,
        against,
        `${atLeast}×`,
        `${seen!.toFixed(2)}×`,
        kept ? 'met' : 'missed',
      ]),
    ),
  ];
}

const FIGURE_TEXT: Readonly<Record<Figure, string>> = {
  perSecond: 'calls a second',
  p50Us: 'latency',
  cpuUs: 'CPU a call',
};

/** What changed since an earlier run; what did not is counted only. */
export function changeLines(changes: readonly Change[]): string[] {
  const changed = changes.filter(
    ({ verdict, where }) => verdict !== 'no difference' || where.startsWith('all'),
  );
  return [
    '',
    `Compared ${changes.length} figures of ours with the earlier run, each by its ratio to the peers of its own run:`,
    ...textTable(
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
    ),
  ];
}

/** `3.52×`, or that there is no difference beyond the noise. */
function versus(ours: SuiteRow, other: SuiteRow): string {
  const { ratio, difference } = ratioOf(roundRatios(figureOf(ours), ours, other));
  return difference === 'none' ? 'no difference' : `${ratio.toFixed(2)}×`;
}
