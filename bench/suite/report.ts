import type { Change } from '../../src/bench/compare-runs.ts';
import { changeTable, comparisonLines } from '../../src/bench/text-report.ts';
import { textTable } from '../../src/bench/text-table.ts';
import { CASE_TEXT, type SuiteContender } from './contender.ts';
import type { LeftOut } from './contenders/all.ts';
import { describeGroup } from './group.ts';
import { PEAK_LOAD_TITLES, type PeakLoad, peakLoadCells } from './peak-load.ts';
import type { GroupResult } from './suite-row.ts';
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

/** The table of one group. */
export function groupLines({ group, rows }: GroupResult): string[] {
  return comparisonLines({
    title: describeGroup(group),
    about: CASE_TEXT[group.case],
    rows,
    baseline: 'consolidated-db',
    ratioTitle: 'ours is',
  });
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
    return [`None of the ${verdicts.length} things that are wanted was measured in this run.`];
  return [
    '',
    ...textTable(
      [
        { title: 'wanted', align: 'left' },
        { title: 'against', align: 'left' },
        { title: 'at least or most', align: 'right' },
        { title: 'measured', align: 'right' },
        { title: '', align: 'left' },
      ],
      measured.map(({ what, against, wanted, seen = '', kept }) => [
        what,
        against,
        wanted,
        seen,
        kept ? 'met' : 'missed',
      ]),
    ),
  ];
}

/** What changed since an earlier run. */
export function changeLines(changes: readonly Change[]): string[] {
  return [
    '',
    `Compared ${changes.length} figures of ours with the earlier run, each by its ratio to the peers of its own run:`,
    ...changeTable(changes),
  ];
}
