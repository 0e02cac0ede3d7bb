import type { JsonPath } from '../filters/path.ts';
import type { Filters } from './filters.ts';
import type { ColumnOf, VectorColumnOf } from './relations.ts';

/**
 * How rows are counted.
 *
 * - `exact`: by reading them. Exact, and slow for many rows.
 * - `planned`: the planner's estimate for this statement. Fast and imprecise.
 * - `estimated`: exact up to 1,000 rows, the planner's estimate above.
 */
export type CountMethod = 'exact' | 'planned' | 'estimated';

/** A column, or a place inside a json column. */
type OrderKey<Row> = ColumnOf<Row> | JsonPath<ColumnOf<Row>>;

/** One column to order by. */
interface OrderTerm<Row> {
  readonly column: OrderKey<Row>;
  /** @defaultValue 'asc' */
  readonly direction?: 'asc' | 'desc';
  /** @defaultValue 'last' for ascending, 'first' for descending, as in Postgres */
  readonly nulls?: 'first' | 'last';
}

/** A column, a term, or several of them, the first being the most important. */
export type OrderBy<Row> = OrderKey<Row> | OrderTerm<Row> | readonly (OrderKey<Row> | OrderTerm<Row>)[];

/**
 * Which rows, of which columns. Neither can be `undefined`: a missing filter must not mean all rows.
 */
export interface RowClauses<Row, Column extends ColumnOf<Row>> {
  /** @defaultValue all columns */
  readonly columns?: readonly Column[];
  /** @defaultValue all rows that the identity may see */
  readonly filters?: Filters<Row>;
}

/** A page of rows. */
interface PageClauses<Row, Column extends ColumnOf<Row>> extends RowClauses<Row, Column> {
  /** @defaultValue no order: Postgres returns rows as it finds them */
  readonly orderBy?: OrderBy<Row> | undefined;
  /** Maximum number of rows, a whole number from 0. More rows than the service's `maxRows` are an error. */
  readonly limit?: number | undefined;
  /** Rows to skip, a whole number from 0. On a large table `after` is faster. */
  readonly offset?: number | undefined;
  /**
   * Keyset paging: the last row of the previous page, of which only the columns of `orderBy` are used. The order
   * must contain a unique key that is never null, otherwise rows with equal keys would be skipped. `undefined` is
   * the first page.
   */
  readonly after?: Partial<Row> | undefined;
}

/** Options of `select`. */
export interface SelectClauses<Row, Column extends ColumnOf<Row>, Count extends CountMethod>
  extends PageClauses<Row, Column> {
  /** Adds the number of all rows that match `filters`, in the same round trip. */
  readonly count?: Count;
}

/**
 * Rows, or rows and their count if it was requested. The row type is written out here and wherever a row is
 * returned: for an alias, editors and messages would show the name instead of the columns.
 */
export type Selected<Row, Column extends ColumnOf<Row>, Count> = [Count] extends [never]
  ? { [Key in Column]: Row[Key] }[]
  : { rows: { [Key in Column]: Row[Key] }[]; count: number };

/** Options of `count`. */
export interface CountClauses<Row> {
  /** @defaultValue all rows that the identity may see */
  readonly filters?: Filters<Row>;
  /** @defaultValue 'exact' */
  readonly method?: CountMethod;
}

/** Options of `vectorSearch`. */
export interface VectorSearchClauses<Row, Column extends ColumnOf<Row>> {
  /** The `vector` or `halfvec` column. @defaultValue the only one of the table */
  readonly column?: VectorColumnOf<Row>;
  /** The vector to compare with: finite numbers, as many as the column has dimensions. */
  readonly vector: readonly number[];
  /**
   * `similarity` is 1 − distance for `cosine`, 1 / (1 + distance) for `l2`, the product itself for
   * `innerProduct`. An index works only for the metric that it was made for.
   *
   * @defaultValue 'cosine'
   */
  readonly metric?: 'cosine' | 'l2' | 'innerProduct';
  /** Maximum number of rows. @defaultValue 10 */
  readonly limit?: number | undefined;
  /** Leaves out rows that are less similar, in the scale of the metric. */
  readonly similarityThreshold?: number | undefined;
  readonly filters?: Filters<Row>;
  /** The result has `similarity` in addition. @defaultValue all columns */
  readonly columns?: readonly Column[];
  /** Reads every row instead of the index: slow, but misses none. @defaultValue false */
  readonly exact?: boolean;
  /** Candidates that an HNSW index keeps while it searches, 1 to 1000. @defaultValue twice the limit, at least 40 */
  readonly efSearch?: number;
}

/** Options of `stream`. */
export interface StreamClauses<Row, Column extends ColumnOf<Row>> extends PageClauses<Row, Column> {
  /** Rows to fetch at a time. @defaultValue 1000 */
  readonly batchSize?: number;
}
