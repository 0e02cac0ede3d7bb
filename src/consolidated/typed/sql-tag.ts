import type { CallOptions } from './call-options.ts';
import type { DeclaredWrites } from './declared-writes.ts';
import type { IdempotencyOption } from './idempotency-option.ts';
import type { UntypedRow } from './schema-names.ts';

/** Options of raw SQL. */
export interface SqlOptions extends CallOptions, DeclaredWrites, IdempotencyOption {
  /**
   * `read` runs it in a read-only transaction, in which a write is an error.
   *
   * @defaultValue 'write'
   */
  readonly access?: 'read' | 'write';
  /**
   * Lets a `do` block or a procedure (`call`) COMMIT and ROLLBACK by itself, on a direct or session connection. Only
   * `service()` may, else a `UsageError` with the code `SERVICE_ONLY`. When it fails, the outcome is `unknown`:
   * what it committed before stays. Without this option Postgres refuses such a COMMIT, and nothing is applied.
   *
   * @defaultValue false
   */
  readonly ownTransactions?: boolean;
}

/** Sends the SQL of a template; its values are bound, never inserted as text. */
export type SqlTemplate = <Row extends object = UntypedRow>(
  strings: TemplateStringsArray,
  ...values: readonly unknown[]
) => Promise<Row[]>;

/**
 * Raw SQL as a template. Values are bound as parameters; a fragment is inserted as SQL with
 * its own values. `Row` is the type that you state for the rows; nothing checks it against the statement.
 *
 * **This SQL is trusted code.** Within one statement it can change the claims it runs under, and switch to
 * the service role if logins are shared. Never build it from input.
 *
 * Errors: `UsageError` for SQL that is wrong, `ValidationError` for a value that cannot be bound, and those of Postgres by their class.
 *
 * @example
 * ```ts
 * const busy = await db.sql<{ user_id: string; trips: number }>`
 *   select user_id, count(*)::int as trips from trips where created_at > ${since} group by 1`;
 * const slow = await db.sql({ access: 'read', timeoutMs: 60_000 })<{ n: number }>`select count(*)::int as n from trips`;
 * ```
 */
export interface SqlTag {
  <Row extends object = UntypedRow>(
    strings: TemplateStringsArray,
    ...values: readonly unknown[]
  ): Promise<Row[]>;
  (options: SqlOptions): SqlTemplate;
}
