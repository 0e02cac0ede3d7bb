import type { AcceptedValues } from '../values/accepted.ts';
import type { Filters } from './filters.ts';
import type { ColumnItem } from './picked-columns.ts';
import type { VectorColumnOf } from './relations.ts';

/** Finite numbers, as many as the column has dimensions. */
export type QueryVector = readonly number[] | Float32Array | Float64Array;

/**
 * What a search compares with: one of the three.
 *
 * - `vector`: this vector.
 * - `near`: the vector of a row, named by a unique key; the row itself is left out. A row without a vector, or by `cosine` with one of
 *   zeros, is a `NotFoundError`.
 * - `vectors`: up to 100 vectors, one search for each, all in one round trip. The answers come in their order.
 */
type SearchedFor<Row, Many extends readonly QueryVector[] | undefined> =
  | { readonly vector: QueryVector; readonly near?: never; readonly vectors?: never }
  | { readonly near: Partial<AcceptedValues<Row>>; readonly vector?: never; readonly vectors?: never }
  | { readonly vectors: Many & readonly QueryVector[]; readonly vector?: never; readonly near?: never };

/** What `vectorSearch` takes. */
export type VectorSearchClauses<
  Row,
  Item extends ColumnItem<Row>,
  Many extends readonly QueryVector[] | undefined,
  Info extends boolean | undefined,
> = SearchedFor<Row, Many> & SearchClauses<Row, Item, Info>;

/** Options of `vectorSearch` besides what it searches for. */
interface SearchClauses<Row, Item extends ColumnItem<Row>, Info extends boolean | undefined> {
  /** The `vector` or `halfvec` column. @defaultValue the only one of the table */
  readonly column?: VectorColumnOf<Row>;
  /**
   * `similarity` is 1 − distance for `cosine`, 1 / (1 + distance) for `l2` and `l1`, the product itself for
   * `innerProduct`. An index works only for the metric that it was made for.
   *
   * @defaultValue 'cosine'
   */
  readonly metric?: 'cosine' | 'l2' | 'innerProduct' | 'l1';
  /** Maximum number of rows. @defaultValue 10 */
  readonly limit?: number | undefined;
  /** Leaves out rows that are less similar, in the scale of the metric. */
  readonly similarityThreshold?: number | undefined;
  readonly filters?: Filters<Row>;
  /** `similarity` comes beside them. @defaultValue all columns */
  readonly columns?: readonly Item[];
  /**
   * How much is done for finding the nearest rows. Whatever it is, fewer rows than `limit` are only given where there are no
   * more.
   *
   * - `fast`: few candidates. Beyond a `similarityThreshold` rows may be missing.
   * - `balanced`: several times as many. With a `similarityThreshold` that leaves fewer than `limit` rows, all rows are compared.
   * - `exact`: all rows that pass filters and policies are compared. Never misses one.
   *
   * @defaultValue 'balanced'
   */
  readonly recall?: 'fast' | 'balanced' | 'exact' | undefined;
  /** `true` is `recall: 'exact'`. @defaultValue false */
  readonly exact?: boolean;
  /**
   * Candidates that an HNSW index keeps while it searches, 1 to 1000.
   *
   * @defaultValue by `limit`, `recall`, and what earlier searches of the kind have shown
   */
  readonly efSearch?: number;
  /** Answers `{ rows, search }` in place of the rows. @defaultValue false */
  readonly info?: Info;
}

/** How the rows of a search were found. */
export interface SearchInfo {
  /**
   * - `exact`: all rows that pass filters and policies were compared.
   * - `index`: an index named the candidates.
   * - `index, then exact`: an index named too few, or could not serve the search, so that all rows were compared.
   */
  readonly plan: 'exact' | 'index' | 'index, then exact';
  /** Rows of the table that were looked at; undefined for views, partitioned and inherited tables, which the server does not count. */
  readonly scanned: number | undefined;
  /** What the answer can be relied on for: `exact` also where another recall was asked for and all rows were compared. */
  readonly recallClass: 'fast' | 'balanced' | 'exact';
}

/** The answer of one search, or of several. */
export type Searched<
  Row,
  Many extends readonly QueryVector[] | undefined,
  Info extends boolean | undefined,
> = [Many] extends [undefined] ? SearchedOnce<Row, Info> : SearchedOnce<Row, Info>[];

export type SearchedOnce<Row, Info extends boolean | undefined> = [Info] extends [true]
  ? { rows: Row[]; search: SearchInfo }
  : Row[];
