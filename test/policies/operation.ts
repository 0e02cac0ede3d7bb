import type { Row, Table, Value } from './model/rows.ts';

/** What a condition compares: equality, one of several, or anything else than. */
export type Condition = Value | { readonly oneOf: readonly Value[] } | { readonly not: string | number };
export type Conditions = Readonly<Record<string, Condition>>;

interface Written {
  /** Whole rows, these columns, or the number. */
  readonly returning: boolean | readonly string[];
  readonly expect?: number;
}

export interface Select {
  readonly kind: 'select';
  readonly from: Table | 'trip_summaries';
  readonly where: Conditions;
  readonly columns?: readonly string[];
}

export interface Count {
  readonly kind: 'count';
  readonly from: Table | 'trip_summaries';
  readonly where: Conditions;
}

export interface Insert extends Written {
  readonly kind: 'insert';
  readonly table: Table;
  readonly rows: readonly Row[];
}

export interface Upsert extends Written {
  readonly kind: 'upsert';
  readonly table: Table;
  readonly rows: readonly Row[];
  readonly onConflict: readonly string[];
  /** The columns to overwrite; null: existing rows stay. */
  readonly update: readonly string[] | null;
}

export interface Update extends Written {
  readonly kind: 'update';
  readonly table: Table;
  readonly set: Row;
  readonly where: Conditions;
}

export interface Delete extends Written {
  readonly kind: 'delete';
  readonly table: Table;
  readonly where: Conditions;
}

/** What `rpc` calls. */
export type FunctionName =
  | 'find_destinations'
  | 'nearby_destinations'
  | 'count_trips'
  | 'search_trips'
  | 'clone_trip'
  | 'change_preferences'
  | 'remove_user'
  | 'popular_searches'
  | 'purge_searches'
  | 'find_api_key'
  | 'register_sign_in'
  | 'find_sign_in'
  | 'open_sign_in'
  | 'refresh_sign_in';

export interface Call {
  readonly kind: 'rpc';
  readonly name: FunctionName;
  readonly args: Readonly<Record<string, string | number | Readonly<Record<string, string | null>>>>;
}

/** Raw SQL, by the name that `raw-statements.ts` has for it. */
export interface Raw {
  readonly kind: 'raw';
  readonly name: string;
  readonly values: readonly string[];
}

/** What can be put into a batch. */
export type Built = Select | Count | Insert | Upsert | Update | Delete | Call;
export type Statement = Built | Raw;

export interface Batch {
  readonly kind: 'batch';
  readonly statements: readonly Built[];
}

export interface Transaction {
  readonly kind: 'transaction';
  /** The failure of a savepoint is caught; any other ends the transaction. */
  readonly steps: readonly (
    | Statement
    | { readonly kind: 'savepoint'; readonly statements: readonly Statement[] }
  )[];
  readonly end: 'commit' | 'rollback';
}

export type Operation = Statement | Batch | Transaction;
