import type { IsolationLevel, ModeName } from '../../contract/mode.ts';
import type { Querying } from './querying.ts';
import type { DatabaseShape, DefaultSchema, SchemaName, UntypedDatabase } from './schema-names.ts';

/** Options of `transaction`. */
export interface TransactionOptions {
  /** @defaultValue 'read committed' */
  readonly isolation?: IsolationLevel;
  /** A write inside is an error. @defaultValue false */
  readonly readOnly?: boolean;
  /**
   * How often the whole function runs again after a serialization failure or a deadlock. It must
   * not have effects outside the database. A whole number from 0 to 100.
   *
   * @defaultValue 0
   */
  readonly retries?: number;
  /**
   * A text that stands for this transaction and no other; see `IdempotencyOption`. Its function runs to its end once. Whoever
   * repeats the call with the same key gets what it returned, and the function is not run. So it must return a JSON value, or
   * nothing: a `Date`, a `Map` or a bigint is a `UsageError`, and nothing is applied.
   *
   * What happens in the function cannot be compared: use another key for each transaction that is meant.
   */
  readonly idempotencyKey?: string | undefined;
  /** Milliseconds for the whole transaction, including retries. @defaultValue the service's `timeoutMs` */
  readonly timeoutMs?: number | undefined;
  /** Rolls back and rejects with a `TimeoutError` of code `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** @defaultValue 'direct' if it is configured, otherwise 'session'; 'embedded' for an embedded service */
  readonly mode?: Exclude<ModeName, 'transaction'>;
  /** A name for what it is for, as `label` of other calls. Its calls have their own. */
  readonly label?: string | undefined;
}

/**
 * An open transaction on one connection, as one identity. Its statements run one after the other in the
 * order in which they were called. It ends with its connection, and after its end every call on it is
 * refused.
 */
export interface TransactionHandle<
  DB extends DatabaseShape<DB> = UntypedDatabase,
  Schema extends SchemaName<DB> = DefaultSchema<DB>,
> extends Querying<DB[Schema]> {
  /** The same transaction, with another schema. */
  schema<Name extends SchemaName<DB>>(name: Name): TransactionHandle<DB, Name>;

  /**
   * Runs `fn` inside a savepoint. If it throws, its changes are rolled back and the error is rethrown. If you catch
   * the error, the outer transaction continues.
   *
   * @example
   * ```ts
   * await tx.transaction((inner) => inner.insert('trips', draft)).catch(noteDuplicate);
   * ```
   */
  transaction<Result>(fn: (tx: TransactionHandle<DB, Schema>) => Promise<Result>): Promise<Result>;
}
