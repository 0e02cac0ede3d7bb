import type { Filters } from './filters.ts';
import type { ColumnOf } from './relations.ts';

/** `true`: whole rows. `false`: only their number. Columns: rows of these. */
export type Returning<Row> = boolean | readonly (keyof Row & string)[];

/** What every write takes. */
export interface WriteClauses<Chosen> {
  /** What to hand back of the written rows. @defaultValue true */
  readonly returning?: Chosen;
  /**
   * The number of rows that must be written. With another number nothing is written and the call rejects
   * with `NotFoundError`: this is how a row that does not exist, or that RLS hides, is noticed.
   */
  readonly expect?: number;
}

/** What `upsert` takes. */
export interface UpsertClauses<Row, Chosen, Ignore extends boolean> extends WriteClauses<Chosen> {
  /**
   * The column or columns of the unique key that decides what exists already; every row gives them.
   *
   * @defaultValue the primary key
   */
  readonly onConflict?: ColumnOf<Row> | readonly ColumnOf<Row>[];
  /** Leaves existing rows as they are, and out of the result. @defaultValue false */
  readonly ignoreDuplicates?: Ignore;
  /** Columns to overwrite in an existing row. @defaultValue all given ones outside the key */
  readonly update?: readonly ColumnOf<Row>[];
}

/**
 * What an update or a delete takes. It says which rows, or `all: true`; with neither it is a
 * `ValidationError`, also when `filters` holds no condition.
 */
export type ChangeClauses<Row, Chosen> = WriteClauses<Chosen> &
  (
    | { readonly filters: Filters<Row>; readonly all?: never }
    | { readonly all: true; readonly filters?: never }
  );

/**
 * One row or an array of them, by what was given. `Given` is inferred from the argument through a branch
 * that is never taken, so that the argument itself is checked against `Row` and a wrong column is an
 * error at its own place.
 */
export type OneOrMany<Given, Row> = Given extends readonly unknown[]
  ? readonly Row[]
  : [Row] extends [never]
    ? Given
    : Row;

type WrittenRow<Row, Chosen> = Chosen extends readonly (infer Column)[]
  ? { [Key in Column & keyof Row]: Row[Key] }
  : Row;

/** What an update or a delete answers with. */
export type ChangedRows<Row, Chosen> = Chosen extends false ? number : WrittenRow<Row, Chosen>[];

/** What an insert answers with: a row for a row, rows for rows. */
export type InsertedRows<Row, Chosen, Given> = Chosen extends false
  ? number
  : Given extends readonly unknown[]
    ? WrittenRow<Row, Chosen>[]
    : WrittenRow<Row, Chosen>;

/** What an upsert answers with. A single row that existed already and was left as it is gives `undefined`. */
export type UpsertedRows<Row, Chosen, Given, Ignore> = Chosen extends false
  ? number
  : Given extends readonly unknown[]
    ? WrittenRow<Row, Chosen>[]
    : true extends Ignore
      ? WrittenRow<Row, Chosen> | undefined
      : WrittenRow<Row, Chosen>;
