/// <reference lib="esnext.disposable" preserve="true" />
import type { UserIdentity } from '../../contract/identity.ts';
import type { CacheControl } from './cache-report.ts';
import type { DatabaseHandle } from './database-handle.ts';
import type { Monitoring } from './monitoring.ts';
import type { DatabaseShape, DefaultSchema, SchemaName, UntypedDatabase } from './schema-names.ts';

/** Options of `close`. */
export interface CloseOptions {
  /** Milliseconds that running calls may still take. @defaultValue 5000 */
  readonly drainMs?: number;
}

/**
 * The service that `createDatabaseService` returns: one per process and database. It is a handle without its own
 * identity, and it owns the connections.
 *
 * `DB` is the `Database` that `supabase gen types typescript` writes. Without it the compiler accepts every
 * name, and a row is `Record<string, unknown>`. The service still refuses names that do not exist.
 *
 * @example
 * ```ts
 * await using db = createDatabaseService<Database>({ transaction: process.env.DATABASE_URL });
 * const trips = await db.as(user({ sub: userId })).select('trips', { columns: ['id', 'title'] });
 * ```
 */
export interface ConsolidatedDatabaseService<
  DB extends DatabaseShape<DB> = UntypedDatabase,
  Schema extends SchemaName<DB> = DefaultSchema<DB>,
> extends DatabaseHandle<DB, Schema>,
    Monitoring,
    AsyncDisposable {
  /**
   * Verifies a token and resolves to its owner, with the verified claims: for routes that call no database, and for
   * `as` and `runAs`. The identity acts until the token expires. No connection is used.
   *
   * Rejects with an `AuthenticationError` (`TOKEN_INVALID`, `TOKEN_EXPIRED`, `ROLE_NOT_ALLOWED`, `CLAIMS_TOO_LARGE`), or
   * with a `ConnectionError` of code `JWKS_UNAVAILABLE` while the keys cannot be fetched.
   *
   * @example
   * ```ts
   * const caller = await db.verify(token);
   * const trips = await db.runAs(caller, () => tripsOf(caller.claims.sub));
   * ```
   */
  verify(token: string): Promise<UserIdentity>;

  /** Answers of reads with the option `cache`. */
  readonly cache: CacheControl;

  /**
   * Reads the catalog of tables and functions again. The service does this by itself if a
   * name is not found. Call it after a migration that changed existing tables or functions.
   */
  refreshCatalog(): Promise<void>;

  /**
   * Refuses new calls, waits for running ones, and closes all connections. Calls that still run after `drainMs`
   * are cancelled and reject. Calling it again returns the same promise.
   */
  close(options?: CloseOptions): Promise<void>;
}
