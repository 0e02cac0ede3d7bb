import type { Slice } from './slice.ts';
import { median } from './statistics.ts';

/** One contender in one group: a line of the JSON output. Times are microseconds; the values are medians over the rounds. */
export interface BenchRow {
  readonly case: string;
  readonly contender: string;
  /** Calls at the same time. */
  readonly tasks: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** In the order of `QUANTILES`. */
  readonly quantilesUs: readonly number[];
  readonly cpuUs: number;
  /** What each round measured, in their order. */
  readonly rounds: readonly RoundFigures[];
}

interface RoundFigures {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly cpuUs: number;
}

type MeasuredFigures = Omit<BenchRow, 'case' | 'contender' | 'tasks'>;

/** @param slices - one for each round, at least one */
export function figuresOf(slices: readonly Slice[]): MeasuredFigures {
  const over = (pick: (slice: Slice) => number, digits: number) => rounded(median(slices.map(pick)), digits);
  return {
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

/** Never 0, which has no ratio to anything: what took less than can be told took the least that can. */
function rounded(value: number, digits: number): number {
  return Math.max(Number(value.toFixed(digits)), 10 ** -digits);
}

/** Which way of comparing a figure means better. */
export type Figure = keyof RoundFigures;

/** Latency with one task, throughput with many. */
export function figureOf({ tasks }: Pick<BenchRow, 'tasks'>): Figure {
  return tasks === 1 ? 'p50Us' : 'perSecond';
}

/** How many times better the first did than the second in each round: above 1 is better. */
export function roundRatios(figure: Figure, first: BenchRow, second: BenchRow): readonly number[] {
  return first.rounds.flatMap((round, at) => {
    const other = second.rounds[at];
    if (other === undefined) return [];
    return [figure === 'perSecond' ? round[figure] / other[figure] : other[figure] / round[figure]];
  });
}
