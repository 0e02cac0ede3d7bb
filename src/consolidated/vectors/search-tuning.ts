import { DEFAULT_LISTS, type VectorIndex } from '../catalog/vector-index.ts';
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

/** Candidates for each row that is asked for, where what the index names first may not be the nearest. */
const OVERSAMPLING: Readonly<Record<Indexed, number>> = { fast: 1, balanced: 2 };
/** The same where HNSW cannot keep enough: it goes on behind them, and finds what it has missed. */
const GOING_ON: Readonly<Record<Indexed, number>> = { fast: 1.25, balanced: 2 };
/** Candidates that HNSW keeps for each row that it is to find, and for each that it names without its passing. */
const KEPT: Readonly<Record<Indexed, number>> = { fast: 2, balanced: 4 };
const KEPT_PASSED_OVER: Readonly<Record<Indexed, number>> = { fast: 2, balanced: 2.8 };
/** What it keeps at least; where some do not pass, they are more in one place than in another. */
const LEAST_EF: Readonly<Record<Indexed, number>> = { fast: 100, balanced: 200 };
const LEAST_FILTERED_EF: Readonly<Record<Indexed, number>> = { fast: 125, balanced: 250 };
/** What it keeps at least where it is tried. Users whose rows lie together need more. */
const TRIED_EF: Readonly<Record<Indexed, number>> = { fast: 150, balanced: 300 };
const MAX_EF = 1000;

/**
 * Candidates that an index is to name. Those that HNSW keeps come in order, so that more of them would show nothing new; it may
 * miss some where it has to go on for more than it can keep.
 */
export function innerLimit(
  limit: number,
  recall: Indexed,
  index: VectorIndex | undefined,
  rows: number | undefined,
): number {
  const kind = index?.form.kind;
  if (kind === 'binary' || kind === 'subvector') return limit * OVERSAMPLING[recall] * SHORTENED;
  if (index?.method !== 'hnsw') return limit * OVERSAMPLING[recall];
  const isKept = limit / leastShare(fewRows(limit, rows), rows) <= MAX_EF;
  return isKept ? limit : Math.ceil(limit * GOING_ON[recall]);
}

const SHORTENED = 4;
const UNKNOWN_ROWS = 100_000;
const LEAST_FEW = 1_000;
/** How many rows can be compared in the time in which HNSW names one candidate, times the candidates that it keeps for each. */
const ROWS_PER_CANDIDATE = 24;

/**
 * Rows up to which comparing all of them costs less than an index, which has to look at `inner / share` rows to name `inner`
 * that pass, where `share` of the table's rows do.
 *
 * @param heldBytes - of a vector, where an index holds them with their vectors
 */
export function fewRows(inner: number, rows: number | undefined, heldBytes?: number): number {
  const few = Math.sqrt(ROWS_PER_CANDIDATE * inner * Math.max(rows ?? UNKNOWN_ROWS, 1));
  return Math.round(Math.max(LEAST_FEW, few) * timesMore(heldBytes));
}

/**
 * More rows are few where an index holds them with their vectors. Rows that are scattered over the table have a page each; in the
 * index they share one, the more of them the smaller they are. Of a hundred dimensions 2.2 times as many, of 384 1.4.
 */
function timesMore(heldBytes: number | undefined): number {
  return heldBytes === undefined ? 1 : 1 + MOST_MORE * Math.min(1, SMALL_BYTES / heldBytes);
}

const MOST_MORE = 1.2;
const SMALL_BYTES = 500;

interface Tuned {
  readonly recall: SearchRecall;
  readonly limit: number;
  readonly inner: number;
  readonly few: number;
  /** Those that the planner may use. */
  readonly indexes: readonly VectorIndex[];
  /** Share of what an index names that passes, as far as it is known. */
  readonly selectivity: number | undefined;
  /** Of the table. */
  readonly rows: number | undefined;
  /** Those among which an index looks: of a table that is partitioned they may be fewer. */
  readonly among: number | undefined;
  /** It has filters of its caller's. */
  readonly hasFilters: boolean;
  /** All rows pass. */
  readonly isOpen: boolean;
  /** An index finds the rows that pass. */
  readonly isFound: boolean;
  /** The index is tried with the least effort, as it did not do for earlier vectors. */
  readonly isTried: boolean;
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

/**
 * The part of the statement that asks the index of the vectors is to do so, though the planner may guess that few rows pass:
 * where they are few, it is not run. All other parts have to sort in any case.
 */
const BY_VECTORS: Setting = ['enable_sort', 'off'];

/**
 * A prepared search is planned once, not each time: the plan of a statement with all of these parts takes a third of a
 * millisecond. Not with filters, whose values may decide for a partial index.
 */
const PLANNED_ONCE: Setting = ['plan_cache_mode', 'force_generic_plan'];

/** The settings of a search. */
export function searchSettings(form: SearchForm, tuned: Tuned): readonly Setting[] {
  const { indexes, isFound } = tuned;
  const settings = isFound ? [NO_JIT, BY_INDEX] : [NO_JIT];
  if (!tuned.hasFilters) settings.push(PLANNED_ONCE);
  if (form === 'exact') return settings;
  if (indexes.length > 0) settings.push(BY_VECTORS);
  const lists = indexes.filter(({ method }) => method === 'ivfflat');
  if (lists.length > 0) settings.push(...ivfflatSettings(tuned, lists));
  if (lists.length === 0 || lists.length < indexes.length) settings.push(...hnswSettings(tuned));
  return settings;
}

function hnswSettings(tuned: Tuned): readonly Setting[] {
  const most = mostVisited(tuned);
  return [
    ['hnsw.iterative_scan', 'relaxed_order'],
    ['hnsw.ef_search', String(efSearch(tuned))],
    ['hnsw.max_scan_tuples', String(most)],
    ['hnsw.scan_mem_multiplier', String(most > MUCH_VISITED ? 4 : 2)],
  ];
}

/** Rows that HNSW compares for each that it names. */
const VISITED = 20;
const MUCH_VISITED = 50_000;

/**
 * Rows after which HNSW does not go on. It compares many for each that it keeps, so that it ends behind its first turn, unless
 * one turn cannot name enough.
 */
function mostVisited(tuned: Tuned): number {
  const most = mostNamed(tuned);
  const needed = Math.ceil(tuned.inner / share(tuned));
  const goesOn = !tuned.isTried && needed > efSearch(tuned) && needed <= most;
  return goesOn ? VISITED * needed : most;
}

/** Candidates that HNSW keeps. */
function efSearch(tuned: Tuned): number {
  const { limit, isTried, selectivity } = tuned;
  const effort = effortOf(tuned);
  const passing = isTried ? (selectivity ?? 1) : share(tuned);
  const least = isTried ? TRIED_EF : passing < 1 ? LEAST_FILTERED_EF : LEAST_EF;
  const passedOver = limit / passing - limit;
  const kept = Math.ceil(KEPT[effort] * limit + KEPT_PASSED_OVER[effort] * passedOver);
  return Math.min(MAX_EF, tuned.efSearch ?? Math.max(least[effort], kept));
}

function effortOf({ recall }: Pick<Tuned, 'recall'>): Indexed {
  return recall === 'fast' ? 'fast' : 'balanced';
}

/**
 * Whether it pays to try an index that has been short for other vectors: for one that lies among the rows that pass it does, and
 * with the least effort little is lost where it does not.
 */
export function mayTry(tuned: Pick<Tuned, 'recall' | 'inner' | 'indexes'>): boolean {
  const { inner, indexes } = tuned;
  const isHnsw = indexes.length > 0 && indexes.every(({ method }) => method === 'hnsw');
  return isHnsw && inner <= (RELIED * TRIED_EF[effortOf(tuned)]) / 2;
}

/** Share of what an index names that passes. Where it is not known: of the rows that are just not few. */
function share({ selectivity, few, among, isOpen }: Tuned): number {
  return selectivity ?? (isOpen ? 1 : leastShare(few, among));
}

function leastShare(few: number, rows = UNKNOWN_ROWS): number {
  return Math.min(1, few / Math.max(rows, 1));
}

/** Share of what HNSW keeps in which it has hardly missed one: it misses most of those that it keeps last. */
const RELIED = 0.5;
/** By chance the share of those that pass is smaller in one place than in others. */
const CHANCE = 1.4;

/**
 * Rows that an index may name until `inner` of them have passed, if those that pass are just not few and lie anywhere. Where it
 * takes more, they are far from what is searched for: an index finds them badly there, and comparing all of them costs little more.
 */
export function mostNamed(tuned: Tuned): number {
  const { inner, rows, indexes, isTried } = tuned;
  const most = Math.round((CHANCE * inner) / leastShare(fewRows(inner, rows), rows));
  if (indexes.some(({ method }) => method === 'ivfflat')) return most;
  const relied = Math.round(efSearch(tuned) * RELIED);
  return isTried ? relied : Math.max(most, relied);
}

/** Lists that are read, at least: the root of their number finds most, by pgvector's documentation. */
function ivfflatSettings(tuned: Tuned, indexes: readonly VectorIndex[]): readonly Setting[] {
  const lists = Math.max(...indexes.map(({ lists = DEFAULT_LISTS }) => lists));
  const root = Math.ceil(Math.sqrt(lists));
  const probes = tuned.recall === 'fast' ? root : 3 * root;
  return [
    ['ivfflat.iterative_scan', 'relaxed_order'],
    ['ivfflat.probes', String(Math.min(lists, Math.ceil(probes * Math.min(4, Math.sqrt(1 / share(tuned))))))],
    ['ivfflat.max_probes', String(lists)],
  ];
}
