/** A read runs with `transaction_read_only` on: a read that writes fails. */
export type Intent = 'read' | 'write';

/**
 * The kind of a statement: the row of the mode table that decides its connection.
 */
export type StatementKind =
  | 'select'
  | 'count'
  | 'vectorSearch'
  | 'hybridSearch'
  | 'rpc.read'
  | 'insert'
  | 'update'
  | 'delete'
  | 'upsert'
  | 'batch'
  | 'rpc.write'
  | 'transaction'
  | 'sql'
  | 'stream'
  | 'explain'
  | 'listen'
  | 'notify';

/**
 * SQL text that does not depend on the values. Compiled once per shape and cached.
 *
 * `text` returns typed rows; `document` returns one row with one text column that contains the JSON
 * `[nonce, rows, nonce]` or `[nonce, count, rows | null, nonce]`, the nonce being the parameter after the last value. See
 * ARCHITECTURE.md, "the batch".
 */
export interface Plan {
  readonly text: string;
  readonly document: string;
  /** Name for a prepared statement: a hash of `text`, at most 40 bytes of `[a-z0-9_]`. */
  readonly name: string;
  readonly intent: Intent;
  /** `compiled`: written by this package from the catalog. `raw`: trusted SQL of the application. */
  readonly origin: 'compiled' | 'raw';
  /** Raw SQL that Postgres lets commit by itself outside of a transaction block: DO and CALL. */
  readonly mayCommit?: boolean;
  /** Raw SQL that rolls back to a savepoint, and ends no transaction though its tag is ROLLBACK. */
  readonly toSavepoint?: boolean;
  /** Raw SQL behind which relations and types may be others: DDL, DO, and what rolls back to a savepoint. */
  readonly mayDefine?: boolean;
  /** It is sent by its document in every mode, because the server keeps that. */
  readonly answersDocument?: boolean;
  /** What was asked for, as far as it differs from `text`: without the columns that the catalog added to it. */
  readonly asked?: string;
}

/** A plan with its values, bound as text. */
export interface Statement {
  readonly plan: Plan;
  readonly values: readonly (string | null)[];
  /** Raw SQL whose document is to come with a description of the columns of its text. */
  readonly isDescribed?: boolean;
}
