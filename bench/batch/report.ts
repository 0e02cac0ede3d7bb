import { readable, textTable } from '../../src/bench/text-table.ts';
import type { Contender } from '../contender.ts';
import { describeGroup } from './group.ts';
import { baseOf, benchRow, type GroupResult, measureOf, timesBetter } from './summary.ts';
import type { Verdict } from './wanted.ts';

/** How each contender does the job. */
export function recipeLines(contenders: readonly Contender[]): string[] {
  return textTable(
    [
      { title: 'contender', align: 'left' },
      { title: 'how it reads or writes one row as an authenticated user', align: 'left' },
    ],
    contenders.map(({ name, recipe }) => [name, recipe]),
  );
}

/** The table of one group. */
export function groupLines({ group, measurements }: GroupResult): string[] {
  const base = baseOf(measurements);
  const measure = measureOf(group);
  const rows = measurements.map((each) => {
    const row = benchRow(group, each);
    const rates = each.slices.map((slice) => slice.perSecond);
    return [
      each.contender,
      readable(row.perSecond),
      `${readable(Math.min(...rates))}–${readable(Math.max(...rates))}`,
      readable(row.p50Us),
      readable(row.p99Us),
      readable(row.cpuUs),
      base === undefined || base === each ? '' : `${timesBetter(measure, base, each).toFixed(2)}×`,
    ];
  });
  const baseTitle = base === undefined ? '' : `${base.contender} is (${measure})`;
  return [
    describeGroup(group),
    ...textTable(
      [
        { title: 'contender', align: 'left' },
        { title: 'calls/s', align: 'right' },
        { title: 'min–max', align: 'right' },
        { title: 'p50 µs', align: 'right' },
        { title: 'p99 µs', align: 'right' },
        { title: 'CPU µs/call', align: 'right' },
        { title: baseTitle, align: 'right' },
      ],
      rows,
    ).map((line) => `  ${line}`),
  ];
}

/** The wanted and the measured ratios. */
export function verdictLines(verdicts: readonly Verdict[]): string[] {
  const measured = verdicts.filter(({ seen }) => seen !== undefined);
  if (measured.length === 0)
    return [`None of the ${verdicts.length} wanted ratios was measured in this run.`];
  const rows = measured.map((verdict) => [
    describeGroup(verdict.group),
    verdict.measure,
    verdict.against,
    `≥ ${verdict.atLeast.toFixed(2)}×`,
    `${verdict.seen?.toFixed(2)}×`,
    verdict.kept ? 'met' : 'MISSED',
  ]);
  const kept = measured.filter((verdict) => verdict.kept).length;
  const leftOut = verdicts.length - measured.length;
  return [
    'Wanted ratios of consolidated-db to the other (latency: the other’s median ÷ ours)',
    ...textTable(
      [
        { title: 'group', align: 'left' },
        { title: 'measure', align: 'left' },
        { title: 'against', align: 'left' },
        { title: 'wanted', align: 'right' },
        { title: 'seen', align: 'right' },
        { title: 'verdict', align: 'left' },
      ],
      rows,
    ).map((line) => `  ${line}`),
    `${kept} of ${measured.length} met${leftOut === 0 ? '' : `; ${leftOut} more were not measured in this run`}`,
  ];
}
