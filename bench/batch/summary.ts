import type { Slice } from '../../src/bench/slice.ts';
import { median } from '../../src/bench/statistics.ts';
import type { ContenderName } from '../contender.ts';
import type { Group } from './group.ts';
import type { Measurement } from './rounds.ts';

/** One line of the JSON output. Times are microseconds, all values medians over the rounds. */
export interface BenchRow {
  readonly bench: 'batch';
  readonly case: Group['case'];
  readonly contender: ContenderName;
  readonly mode: Group['mode'];
  readonly delayMs: number;
  readonly tasks: number;
  readonly connections: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly cpuUs: number;
  /** Rounds measured. */
  readonly runs: number;
}

export interface GroupResult {
  readonly group: Group;
  readonly measurements: readonly Measurement[];
}

/** What is compared. A higher value is always better for the first of the two. */
export type Measure = 'throughput' | 'latency';

const MEASURES: Record<Measure, (first: Slice, second: Slice) => number> = {
  throughput: (first, second) => first.perSecond / second.perSecond,
  latency: (first, second) => second.p50Us / first.p50Us,
};

/** How many times better the first did than the second: the ratio within each round, then the median. */
export function timesBetter(measure: Measure, first: Measurement, second: Measurement): number {
  const ratio = MEASURES[measure];
  return median(first.slices.map((slice, round) => ratio(slice, second.slices[round]!)));
}

export function benchRow(group: Group, { contender, slices }: Measurement): BenchRow {
  const over = (pick: (slice: Slice) => number, digits: number) =>
    Number(median(slices.map(pick)).toFixed(digits));
  return {
    bench: 'batch',
    case: group.case,
    contender,
    mode: group.mode,
    delayMs: group.delayMs,
    tasks: group.tasks,
    connections: group.connections,
    perSecond: over((slice) => slice.perSecond, 0),
    p50Us: over((slice) => slice.p50Us, 1),
    p99Us: over((slice) => slice.p99Us, 1),
    cpuUs: over((slice) => slice.cpuUs, 2),
    runs: slices.length,
  };
}

/** Latency with one task, throughput with many. */
export function measureOf(group: Group): Measure {
  return group.tasks === 1 ? 'latency' : 'throughput';
}

/** The contender that others are compared with: ours, or the raw socket if ours did not run. */
export function baseOf(measurements: readonly Measurement[]): Measurement | undefined {
  const named = (name: ContenderName) => measurements.find(({ contender }) => contender === name);
  return named('consolidated-db') ?? named('raw-socket');
}
