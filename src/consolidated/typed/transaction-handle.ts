import type { IsolationLevel, ModeName } from '../../contract/mode.ts';
import type { Querying } from './querying.ts';
import type { DatabaseShape, DefaultSchema, SchemaName, UntypedDatabase } from './schema-names.ts';

/** What `transaction` takes. */
export interface TransactionOptions {
  /** @defaultValue 'read committed' */
  readonly isolation?: IsolationLevel;
  /** A write inside is an error. @defaultValue false */
  readonly readOnly?: boolean;
  /**
   * How often the whole function is run again after a serialization failure or a deadlock. It must then
   * have no effect outside the database. A whole number from 0 to 100.
   *
   * @defaultValue 0
   */
  readonly retries?: number;
  /** Milliseconds for all of it, retries included. @defaultValue the service's `timeoutMs` */
  readonly timeoutMs?: number | undefined;
  /** Rolls back and rejects with a `TimeoutError` of code `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** @defaultValue 'direct' where it is configured, otherwise 'session'; 'embedded' for an embedded service */
  readonly mode?: Exclude<ModeName, 'transaction'>;
}

/**
 * An open transaction on one connection, as one identity. Its statements run one after the other in the
 * order in which they were called. It dies with its connection, and once it has ended every call on it is
 * refused.
 */
export interface TransactionHandle<
  DB extends DatabaseShape<DB> = UntypedDatabase,
  Schema extends SchemaName<DB> = DefaultSchema<DB>,
> extends Querying<DB[Schema]> {
  /** The same transaction, looking at another schema. */
  schema<Name extends SchemaName<DB>>(name: Name): TransactionHandle<DB, Name>;

  /**
   * Runs `fn` inside a savepoint. When it throws, what it did is undone and the error goes on; caught, the
   * outer transaction continues.
   *
   * @example
   * ```ts
   * await tx.transaction((inner) => inner.insert('trips', draft)).catch(noteDuplicate);
   * ```
   */
  transaction<Result>(fn: (tx: TransactionHandle<DB, Schema>) => Promise<Result>): Promise<Result>;
}
