import type { AcceptedValues } from '../values/accepted.ts';

/** The tables of a schema, by name. */
type TablesOf<S> = S extends { Tables: infer Tables } ? Tables : never;

/** The views of a schema, materialized ones included, by name. */
type ViewsOf<S> = S extends { Views: infer Views } ? Views : never;

/**
 * Names by what can be done with them. An interface, so that messages list the names instead of an
 * alias.
 */
export interface Names<S> {
  /** Tables and views. */
  readable: (keyof TablesOf<S> | keyof ViewsOf<S>) & string;
  /** Tables, and views for which the generator wrote `Insert`. */
  insertable: (keyof TablesOf<S> | ViewsWith<ViewsOf<S>, 'Insert'>) & string;
  /** Tables, and views for which the generator wrote `Update`: relations that can be updated or deleted from. */
  updatable: (keyof TablesOf<S> | ViewsWith<ViewsOf<S>, 'Update'>) & string;
}

type ViewsWith<Views, Shape extends 'Insert' | 'Update'> = {
  [Name in keyof Views]: Shape extends keyof Views[Name] ? Name : never;
}[keyof Views];

type RelationOf<S, Name> = Name extends keyof TablesOf<S>
  ? TablesOf<S>[Name]
  : Name extends keyof ViewsOf<S>
    ? ViewsOf<S>[Name]
    : never;

/**
 * A whole row of a table or view.
 *
 * The generator lists functions that take a row (PostgREST's computed fields) among the columns and
 * names them again in `ComputedFields`. They are not columns, so they are removed.
 */
export type RowOf<S, Name> =
  RelationOf<S, Name> extends { Row: infer Row; ComputedFields: infer Computed }
    ? { [Column in keyof Row as Exclude<Column, Computed>]: Row[Column] }
    : RelationOf<S, Name> extends { Row: infer Row }
      ? { [Column in keyof Row]: Row[Column] }
      : never;

/** The values of an insert: columns with a default are optional, generated ones are refused. */
export type InsertOf<S, Name> =
  RelationOf<S, Name> extends { Insert: infer Insert } ? AcceptedValues<Insert> : never;

/** The values of an update: every column is optional, generated ones are refused. */
export type UpdateOf<S, Name> =
  RelationOf<S, Name> extends { Update: infer Update } ? AcceptedValues<Update> : never;

/** Names of a row's columns. */
export type ColumnOf<Row> = keyof Row & string;

/**
 * Columns that may hold a vector. The generator writes `vector` and `halfvec` as strings, so this is
 * every text-like column; the catalog decides at run time.
 */
export type VectorColumnOf<Row> = {
  [Column in keyof Row]: unknown extends Row[Column]
    ? Column
    : Row[Column] extends string | null
      ? Column
      : never;
}[keyof Row] &
  string;

/**
 * Columns that may hold a text or a tsvector. The generator writes the latter as `unknown`; the catalog decides at run time, as
 * it does for vectors.
 */
export type TextColumnOf<Row> = VectorColumnOf<Row>;
