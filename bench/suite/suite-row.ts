import type { Slice } from '../slice.ts';
import { median } from '../statistics.ts';
import type { ContenderName } from './contender.ts';
import type { Group } from './group.ts';
import type { Measurement } from './rounds.ts';

/** One contender in one group: a line of the JSON output. Times are microseconds; the values are medians over the rounds. */
export interface SuiteRow extends Group {
  readonly bench: 'suite';
  readonly contender: ContenderName;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** In the order of `QUANTILES`. */
  readonly quantilesUs: readonly number[];
  readonly cpuUs: number;
  /** What each round measured, in their order. */
  readonly rounds: readonly RoundFigures[];
}

export interface RoundFigures {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly cpuUs: number;
}

export interface GroupResult {
  readonly group: Group;
  readonly rows: readonly SuiteRow[];
}

export function suiteRow(group: Group, { contender, slices }: Measurement): SuiteRow {
  const over = (pick: (slice: Slice) => number, digits: number) => rounded(median(slices.map(pick)), digits);
  return {
    bench: 'suite',
    ...group,
    contender,
    perSecond: over((slice) => slice.perSecond, 1),
    p50Us: over((slice) => slice.p50Us, 1),
    p99Us: over((slice) => slice.p99Us, 1),
    quantilesUs: slices[0]!.quantilesUs.map((_, at) => over((slice) => slice.quantilesUs[at]!, 1)),
    cpuUs: over((slice) => slice.cpuUs, 2),
    rounds: slices.map((slice) => ({
      perSecond: rounded(slice.perSecond, 1),
      p50Us: rounded(slice.p50Us, 1),
      cpuUs: rounded(slice.cpuUs, 2),
    })),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Which way of comparing a figure means better. */
export type Figure = keyof RoundFigures;

/** How many times better the first did than the second in each round: above 1 is better. */
export function roundRatios(figure: Figure, first: SuiteRow, second: SuiteRow): readonly number[] {
  return first.rounds.flatMap((round, at) => {
    const other = second.rounds[at];
    if (other === undefined) return [];
    return [figure === 'perSecond' ? round[figure] / other[figure] : other[figure] / round[figure]];
  });
}
