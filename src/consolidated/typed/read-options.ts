import type { AcceptedValues } from '../values/accepted.ts';
import type { Filters } from './filters.ts';
import type { ColumnItem, PickedKey, PickedValue } from './picked-columns.ts';

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

/** For code that relies on a key it was told of. */
export interface KeyClause {
  /**
   * Columns that must be a key of the table: its primary key, or a unique key that is never null. Otherwise the call is a
   * `UsageError` of code `NOT_A_KEY`, and nothing is sent. Of a view the database knows no keys, so there it is believed.
   *
   * The service checks the names, not the compiler: few calls have this option, and all would take longer to compile.
   */
  readonly key?: string | readonly string[];
}

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
  extends PageClauses<Row, Item>,
    KeyClause {
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

/** What `stream` takes. */
export interface StreamClauses<Row, Item extends ColumnItem<Row>> extends PageClauses<Row, Item> {
  /** Rows to fetch at a time. @defaultValue 1000 */
  readonly batchSize?: number;
}
