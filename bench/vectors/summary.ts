import { median, percentile } from '../../src/bench/statistics.ts';
import type { BenchMode } from '../contender.ts';
import type { VectorContenderName } from './contender.ts';
import type { DataName } from './data-source.ts';
import type { Measurement } from './measure.ts';
import type { Layout, Selectivity, TableName } from './search-set.ts';

/** One line of the JSON output. */
export interface VectorRow {
  readonly bench: 'vectors';
  readonly data: DataName;
  readonly mode: BenchMode;
  /** Percent of the rows that the searcher owns. */
  readonly selectivity: Selectivity;
  readonly layout: Layout;
  readonly table: TableName;
  readonly limit: number;
  readonly contender: VectorContenderName;
  /** Mean over the calls of the share of the nearest rows that were found. */
  readonly recall: number;
  /** The same of the first calls, which were not timed. */
  readonly firstRecall: number;
  /** Over the calls of all rounds. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Calls with fewer rows than there are. */
  readonly short: number;
  readonly unsorted: number;
  /** Latency as a multiple of that of the other: the medians within each round, then the median. */
  readonly timesPlain: number | undefined;
  readonly timesExact: number | undefined;
  readonly plan: string;
  readonly calls: number;
  readonly runs: number;
}

/** The rows of all measurements, in their order. */
export function vectorRows(measurements: readonly Measurement[]): readonly VectorRow[] {
  return measurements.map((each) => {
    const { data, mode, set, limit, contender, plan, tally } = each;
    const sorted = Float64Array.from(tally.rounds.flat()).sort();
    return {
      bench: 'vectors',
      ...{ data, mode, selectivity: set.selectivity, layout: set.layout, table: set.table, limit, contender },
      recall: rounded(mean(tally.recalls), 4),
      firstRecall: rounded(mean(tally.firstRecalls), 4),
      p50Ms: rounded(percentile(sorted, 0.5), 3),
      p95Ms: rounded(percentile(sorted, 0.95), 3),
      ...{ short: tally.short, unsorted: tally.unsorted },
      timesPlain: timesAsLong(each, inSameCell(measurements, each, 'plain pgvector')),
      timesExact: timesAsLong(each, inSameCell(measurements, each, 'exact')),
      ...{ plan, calls: sorted.length, runs: tally.rounds.length },
    };
  });
}

function inSameCell(
  measurements: readonly Measurement[],
  { data, mode, set, limit }: Measurement,
  contender: VectorContenderName,
): Measurement | undefined {
  return measurements.find(
    (other) =>
      other.contender === contender &&
      other.data === data &&
      other.mode === mode &&
      other.set === set &&
      other.limit === limit,
  );
}

/** Within each round, then the median. */
function timesAsLong({ tally }: Measurement, other: Measurement | undefined): number | undefined {
  if (other === undefined) return undefined;
  const ratios = tally.rounds.map((round, at) => median(round) / median(other.tally.rounds[at]!));
  return rounded(median(ratios), 3);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
