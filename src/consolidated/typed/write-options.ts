import type { Filters } from './filters.ts';
import type { KeyClause } from './read-options.ts';
import type { ColumnOf } from './relations.ts';

/** `true`: whole rows. `false`: only their number. Columns: rows with only these columns. */
export type Returning<Row> = boolean | readonly (keyof Row & string)[];

/** Options of every write. */
export interface WriteClauses<Chosen> {
  /** What to return of the written rows. @defaultValue true */
  readonly returning?: Chosen;
  /**
   * The number of rows that must be written. With another number nothing is written and the call rejects
   * with `NotFoundError`. Use it to notice a row that does not exist or that RLS hides.
   */
  readonly expect?: number;
}

/** Options of `upsert`. */
export interface UpsertClauses<Row, Chosen, Ignore extends boolean> extends WriteClauses<Chosen> {
  /**
   * The column or columns of the unique key that identifies existing rows; every row must have them.
   *
   * @defaultValue the primary key
   */
  readonly onConflict?: ColumnOf<Row> | readonly ColumnOf<Row>[];
  /** Leaves existing rows unchanged, and does not return them. @defaultValue false */
  readonly ignoreDuplicates?: Ignore;
  /** Columns to overwrite in an existing row. @defaultValue all given ones except the key */
  readonly update?: readonly ColumnOf<Row>[];
}

/**
 * Options of an update or a delete: `filters`, or `all: true`. Without both it is a
 * `UsageError`, also if `filters` has no condition.
 */
export type ChangeClauses<Row, Chosen> = WriteClauses<Chosen> &
  KeyClause &
  (
    | {
        readonly filters: Filters<Row>;
        readonly all?: never;
        /**
         * The values that the row had when it was read, such as `{ version: 3 }`. If it no longer has them, nothing is written and
         * the call rejects with `ConflictError` (409). If no row matches `filters`, it rejects with `NotFoundError` (404).
         *
         * Where `filters` find several rows, all of them must have these values. A timestamp must be the text that a read
         * returned: a `Date` has lost its microseconds.
         *
         * @example
         * ```ts
         * await db.update('trips', { title, version: 4 }, { filters: { id }, unchanged: { version: 3 } });
         * ```
         */
        readonly unchanged?: UnchangedValues<Row>;
      }
    | { readonly all: true; readonly filters?: never; readonly unchanged?: never }
  );

/** Values of a row by column. */
export type UnchangedValues<Row> = { readonly [Column in keyof Row]?: Row[Column] };

/**
 * One row or an array of rows, like the argument. `Given` is inferred from the argument through a branch
 * that is never taken, so that the argument itself is checked against `Row` and a wrong column is
 * reported in the right place.
 */
export type OneOrMany<Given, Row> = Given extends readonly unknown[]
  ? readonly Row[]
  : [Row] extends [never]
    ? Given
    : Row;

type WrittenRow<Row, Chosen> = Chosen extends readonly (infer Column)[]
  ? { [Key in Column & keyof Row]: Row[Key] }
  : Row;

/** What an update or a delete returns. */
export type ChangedRows<Row, Chosen> = Chosen extends false ? number : WrittenRow<Row, Chosen>[];

/** What an insert returns: a row for a row, rows for rows. */
export type InsertedRows<Row, Chosen, Given> = Chosen extends false
  ? number
  : Given extends readonly unknown[]
    ? WrittenRow<Row, Chosen>[]
    : WrittenRow<Row, Chosen>;

/** What an upsert returns. For a single existing row that was left unchanged it is `undefined`. */
export type UpsertedRows<Row, Chosen, Given, Ignore> = Chosen extends false
  ? number
  : Given extends readonly unknown[]
    ? WrittenRow<Row, Chosen>[]
    : true extends Ignore
      ? WrittenRow<Row, Chosen> | undefined
      : WrittenRow<Row, Chosen>;
