import type { TextSearchLanguage } from '../filters/text-search-languages.ts';
import type { AcceptedValues } from '../values/accepted.ts';
import type { Filters } from './filters.ts';
import type { ColumnItem, PickedKey, PickedValue } from './picked-columns.ts';
import type { TextColumnOf, VectorColumnOf } from './relations.ts';

/**
 * How rows are counted.
 *
 * - `exact`: by reading them. Right, and as slow as the rows are many.
 * - `planned`: the planner's guess for this statement. Fast, rough.
 * - `estimated`: exact up to 1,000 rows; beyond, the planner's guess, and never less than 1,000.
 *
 * The planner's guess knows nothing of policies. So the last two are refused with `PLANNED_COUNT_REFUSED` for a table
 * with row level security and for a view, unless the caller's role bypasses it, as `service()` does.
 */
export type CountMethod = 'exact' | 'planned' | 'estimated';

/** One column to order by. */
interface OrderTerm<Row> {
  readonly column: ColumnItem<Row>;
  /** @defaultValue 'asc' */
  readonly direction?: 'asc' | 'desc';
  /** @defaultValue 'last' for ascending, 'first' for descending, as in Postgres */
  readonly nulls?: 'first' | 'last';
}

/** A column, a term, or several of them, the first deciding. */
export type OrderBy<Row> = ColumnItem<Row> | OrderTerm<Row> | readonly (ColumnItem<Row> | OrderTerm<Row>)[];

/**
 * Which rows, of which columns. Neither can be `undefined`: a missing filter must not mean all rows.
 */
export interface RowClauses<Row, Item extends ColumnItem<Row>> {
  /** @defaultValue all columns */
  readonly columns?: readonly Item[];
  /** @defaultValue all rows that the identity may see */
  readonly filters?: Filters<Row>;
}

/** A page of rows. */
interface PageClauses<Row, Item extends ColumnItem<Row>> extends RowClauses<Row, Item> {
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
  readonly after?: Partial<AcceptedValues<Row>> | undefined;
}

/** What `select` takes. */
export interface SelectClauses<Row, Item extends ColumnItem<Row>, Count extends CountMethod>
  extends PageClauses<Row, Item> {
  /** Adds the number of rows that match `filters`, whatever the page, in the same round trip. */
  readonly count?: Count;
}

/**
 * Rows, or rows and their count if it was requested. The row type is written out here and wherever a row is
 * returned: for an alias, editors and messages would show the name instead of the columns.
 */
export type Selected<S, Name, Item, Count> = [Count] extends [never]
  ? { [Key in PickedKey<Item>]: PickedValue<S, Name, Item, Key> }[]
  : { rows: { [Key in PickedKey<Item>]: PickedValue<S, Name, Item, Key> }[]; count: number };

/** Options of `count`. */
export interface CountClauses<Row> {
  /** @defaultValue all rows that the identity may see */
  readonly filters?: Filters<Row>;
  /** @defaultValue 'exact' */
  readonly method?: CountMethod;
}

/** What `vectorSearch` takes. */
export interface VectorSearchClauses<Row, Item extends ColumnItem<Row>> {
  /** The `vector` or `halfvec` column. @defaultValue the only one of the table */
  readonly column?: VectorColumnOf<Row>;
  /** The vector to compare with: finite numbers, as many as the column has dimensions. */
  readonly vector: readonly number[] | Float32Array | Float64Array;
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
  /** Reads every row instead of the index: slow, and never misses one. @defaultValue false */
  readonly exact?: boolean;
  /** Candidates that an HNSW index keeps while it searches, 1 to 1000. @defaultValue twice the limit, at least 40 */
  readonly efSearch?: number;
}

/**
 * What `hybridSearch` takes. The rows that match `text` and those nearest to `vector` are two lists, which reciprocal rank
 * fusion makes one: a row's `score` is the sum of weight / (`rankConstant` + its place) over the lists that have it.
 */
export interface HybridSearchClauses<Row, Item extends ColumnItem<Row>> {
  /**
   * What is searched for, as people type it into search boxes: `"old town" or beach -crowded`. No text is a syntax error. One
   * without words to search for (empty, or only stop words) matches no row, so that the vector alone decides.
   */
  readonly text: string;
  /** The `tsvector` or text column. @defaultValue the only `tsvector` column of the table */
  readonly textColumn?: TextColumnOf<Row>;
  /** Several text columns, searched as one text, instead of `textColumn`. */
  readonly textColumns?: readonly TextColumnOf<Row>[];
  /** Text search configuration: that with which the `tsvector`, or the index, was made. @defaultValue 'english' */
  readonly language?: TextSearchLanguage;
  /** The vector to compare with: finite numbers, as many as the column has dimensions. */
  readonly vector: readonly number[] | Float32Array | Float64Array;
  /** The `vector` or `halfvec` column. @defaultValue the only one of the table */
  readonly column?: VectorColumnOf<Row>;
  /** As in `vectorSearch`. @defaultValue 'cosine' */
  readonly metric?: 'cosine' | 'l2' | 'innerProduct' | 'l1';
  /** Maximum number of rows. @defaultValue 10 */
  readonly limit?: number | undefined;
  /**
   * How much each list counts: 0, or a number from 0.000001 to 1000000. A list of weight 0 is not searched; not both can be
   * 0. @defaultValue 1 for each
   */
  readonly weights?: { readonly text?: number | undefined; readonly vector?: number | undefined } | undefined;
  /** The larger, the less the first places count more than those behind them; a whole number from 1. @defaultValue 60 */
  readonly rankConstant?: number;
  /** Rows of each list that are fused, at least `limit`. @defaultValue twice the limit, at least 100 */
  readonly candidates?: number;
  /** Rows that are less similar, in the scale of the metric, are not found by the vector. The text may still find them. */
  readonly similarityThreshold?: number | undefined;
  /** For both lists. @defaultValue all rows that the identity may see */
  readonly filters?: Filters<Row>;
  /** `score`, `similarity` and `textRank` come beside them. @defaultValue all columns */
  readonly columns?: readonly Item[];
}

/** What `stream` takes. */
export interface StreamClauses<Row, Item extends ColumnItem<Row>> extends PageClauses<Row, Item> {
  /** Rows to fetch at a time. @defaultValue 1000 */
  readonly batchSize?: number;
}
