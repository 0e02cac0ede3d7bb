import type { VectorIndex } from '../catalog/vector-index.ts';
import type { SearchForm } from './search-sql.ts';

/**
 * How much is done for finding the nearest rows. Measured by `bench vectors`; see docs/vector-search.md.
 *
 * - `fast`: an index names few more candidates than rows are asked for, and what lies beyond a threshold is not missed.
 * - `balanced`: several times as many. Finds about 98 of 100.
 * - `exact`: all rows that pass the filters and policies are compared.
 */
export type SearchRecall = 'fast' | 'balanced' | 'exact';

export const SEARCH_RECALLS: readonly SearchRecall[] = ['fast', 'balanced', 'exact'];

type Indexed = Exclude<SearchRecall, 'exact'>;

/** Candidates for each row that is asked for, where an index names them by their whole vectors. */
const OVERSAMPLING: Readonly<Record<Indexed, number>> = { fast: 1, balanced: 2 };
/** Candidates that HNSW keeps at least. */
const LEAST_EF: Readonly<Record<Indexed, number>> = { fast: 100, balanced: 400 };
const MAX_EF = 1000;
/** That of pgvector. */
const PLANNED_EF = '40';

/** Candidates that an index is to name. */
export function innerLimit(limit: number, recall: Indexed, index: VectorIndex | undefined): number {
  const shortened = index?.form.kind === 'binary' || index?.form.kind === 'subvector' ? 4 : 1;
  return Math.ceil(limit * OVERSAMPLING[recall] * shortened);
}

const UNKNOWN_ROWS = 100_000;
const LEAST_FEW = 1_000;
/** How many rows can be compared in the time in which HNSW names one candidate among them all. */
const ROWS_PER_CANDIDATE = 6;

/**
 * Rows up to which comparing all of them costs less than an index, which has to look at `inner / share` rows to name `inner`
 * that pass, where `share` of the table's rows do.
 */
export function fewRows(inner: number, rows: number | undefined): number {
  const few = Math.sqrt(ROWS_PER_CANDIDATE * inner * Math.max(rows ?? UNKNOWN_ROWS, 1));
  return Math.round(Math.max(LEAST_FEW, few));
}

interface Tuned {
  readonly recall: SearchRecall;
  readonly inner: number;
  readonly few: number;
  readonly index: VectorIndex | undefined;
  /** Share of what an index names that passes, as far as it is known. */
  readonly selectivity: number | undefined;
  readonly rows: number | undefined;
  /** An index finds the rows that pass. */
  readonly isFound: boolean;
  /** As the caller says. */
  readonly efSearch: number | undefined;
}

type Setting = readonly [name: string, value: string];

/** Compiling a statement to machine code takes longer than most searches. */
const NO_JIT: Setting = ['jit', 'off'];
/**
 * Where an index finds the rows that pass, few are found by it. The planner guesses how many pass from the average over all values:
 * what a policy compares with is known only when the statement runs.
 */
const BY_INDEX: Setting = ['enable_seqscan', 'off'];

/** The settings of a search. Candidates that HNSW keeps are a parameter; see `SearchClauses.efSearch`. */
export function searchSettings(form: SearchForm, tuned: Tuned): readonly Setting[] {
  const planner = tuned.isFound ? [NO_JIT, BY_INDEX] : [NO_JIT];
  if (form === 'exact') return planner;
  const { index } = tuned;
  if (index?.method === 'ivfflat') return [...planner, ...ivfflatSettings(tuned, index)];
  const most = mostNamed(tuned);
  return [
    ...planner,
    ['hnsw.iterative_scan', 'relaxed_order'],
    ['hnsw.ef_search', PLANNED_EF],
    ['hnsw.max_scan_tuples', String(most)],
    ['hnsw.scan_mem_multiplier', String(most > 50_000 ? 4 : 2)],
  ];
}

/** Candidates that HNSW keeps, for a search in which an index may name some; '' where the index is of another kind. */
export function efSearchFor(tuned: Tuned): string {
  const { inner, selectivity = 1, recall, index, efSearch } = tuned;
  if (index?.method === 'ivfflat') return '';
  const wanted = Math.min(inner / selectivity, mostNamed(tuned));
  const least = recall === 'fast' ? LEAST_EF.fast : LEAST_EF.balanced;
  return String(Math.min(MAX_EF, efSearch ?? Math.max(least, Math.ceil(wanted))));
}

/**
 * Rows that an index may look at. Where more is to be looked at, the rows that pass are far away, or few: comparing all of
 * them costs less, and finds all.
 */
function mostNamed({ inner, rows, few }: Tuned): number {
  return Math.round((2 * inner * (rows ?? UNKNOWN_ROWS)) / few);
}

/** Lists that are read, at least: the root of their number finds most, by pgvector's documentation. */
function ivfflatSettings(
  { recall, selectivity = 1 }: Tuned,
  { lists = 100 }: VectorIndex,
): readonly Setting[] {
  const root = Math.ceil(Math.sqrt(lists));
  const probes = recall === 'fast' ? root : 3 * root;
  return [
    ['ivfflat.iterative_scan', 'relaxed_order'],
    ['ivfflat.probes', String(Math.min(lists, Math.ceil(probes * Math.min(4, Math.sqrt(1 / selectivity)))))],
    ['ivfflat.max_probes', String(lists)],
  ];
}
