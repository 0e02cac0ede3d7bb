/// <reference lib="esnext.disposable" preserve="true" />
import type { DatabaseHandle } from './database-handle.ts';
import type { DatabaseShape, DefaultSchema, SchemaName, UntypedDatabase } from './schema-names.ts';

/** What `close` takes. */
export interface CloseOptions {
  /** Milliseconds that running calls may still take. @defaultValue 5000 */
  readonly drainMs?: number;
}

/**
 * The service that `createDatabaseService` makes: one per process and database. It is a handle without an
 * identity of its own, and it owns the connections.
 *
 * `DB` is the `Database` that `supabase gen types typescript` writes. Without it every name is accepted by
 * the compiler, and a row is `Record<string, unknown>`; the catalog still refuses what does not exist.
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
    AsyncDisposable {
  /**
   * Reads anew what the database says of its tables and functions. The service does so by itself when a
   * name is not found; call it after a migration that changed what exists.
   */
  refreshCatalog(): Promise<void>;

  /**
   * Refuses new calls, lets running ones end, and closes all connections. What still runs after `drainMs`
   * is cut off and rejects. Calling it again answers with the same promise.
   */
  close(options?: CloseOptions): Promise<void>;
}
