import { type Clock, systemClock } from '../contract/clock.ts';
import { ConfigurationError } from '../contract/errors.ts';
import type { AdminConnection } from '../modes/index.ts';
import { type MigrationFile, readMigrationFiles } from './migration-files.ts';
import { type AppliedMigration, ensureHistory, readHistory } from './migration-history.ts';
import { runMigration } from './run-migration.ts';
import { lockMigrations, releaseIfOpen } from './session-lock.ts';

/**
 * - `applied`: recorded in the database, and its file exists.
 * - `changed`: applied, but the file differs from what was applied.
 * - `pending`: not applied yet.
 * - `out-of-order`: not applied yet, and older than one that is applied.
 * - `unknown`: recorded in the database, but without a file.
 */
type MigrationState = 'applied' | 'changed' | 'pending' | 'out-of-order' | 'unknown';

interface MigrationStatus {
  readonly version: string;
  readonly name: string;
  readonly state: MigrationState;
}

interface MigrateOptions {
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
  /** Also applies migrations that are older than the newest applied one. @defaultValue false */
  readonly includeAll?: boolean;
  /** How long to wait for another run to end. @defaultValue 60_000 */
  readonly waitMs?: number;
  /** How long a statement may wait for a lock; 0: no limit. @defaultValue 10_000 */
  readonly lockTimeoutMs?: number;
  readonly onProgress?: (event: MigrationProgress) => void;
}

export type MigrationProgress =
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'started' | 'applied';
      readonly migration: MigrationStatus;
      readonly index: number;
      readonly total: number;
    };

/**
 * Compares the files of a folder with the history of a database, oldest first. Changes nothing.
 *
 * @example
 * ```ts
 * const pending = (await migrationStatus(connection, 'supabase/migrations')).filter((m) => m.state === 'pending');
 * ```
 */
export async function migrationStatus(
  connection: AdminConnection,
  directory: string,
): Promise<readonly MigrationStatus[]> {
  return compare(await readMigrationFiles(directory), await readHistory(connection));
}

/**
 * Applies the pending migrations of a folder, oldest first, and returns the applied ones.
 *
 * It uses the history of the Supabase CLI: either tool continues where the other stopped. Of two runs
 * at the same time, the second waits, and then finds nothing to do.
 *
 * @throws ConfigurationError `MIGRATION_UNKNOWN_VERSION`, `MIGRATION_OUT_OF_ORDER`; ServiceError `MIGRATION_FAILED`;
 * OverloadedError `MIGRATIONS_LOCKED`.
 *
 * @example
 * ```ts
 * const applied = await migrateUp(connection, 'supabase/migrations');
 * ```
 */
export async function migrateUp(
  connection: AdminConnection,
  directory: string,
  options: MigrateOptions = {},
): Promise<readonly MigrationStatus[]> {
  const files = await readMigrationFiles(directory);
  const lock = await lockMigrations(connection, {
    clock: options.clock ?? systemClock,
    waitMs: options.waitMs ?? 60_000,
    onWait: () => options.onProgress?.({ kind: 'waiting' }),
  });
  try {
    const pending = selectPending(compare(files, await readHistory(connection)), options.includeAll ?? false);
    if (pending.length > 0) await ensureHistory(connection);
    for (const [index, migration] of pending.entries()) {
      const file = files.find((each) => each.version === migration.version);
      if (file === undefined) continue;
      const progress = { migration, index, total: pending.length };
      options.onProgress?.({ kind: 'started', ...progress });
      await runMigration(connection, file, {
        confirm: () => lock.confirm(),
        lockTimeoutMs: options.lockTimeoutMs ?? 10_000,
      });
      options.onProgress?.({ kind: 'applied', ...progress });
    }
    return pending.map((migration) => ({ ...migration, state: 'applied' }));
  } finally {
    await releaseIfOpen(lock.release);
  }
}

function selectPending(status: readonly MigrationStatus[], includeAll: boolean): readonly MigrationStatus[] {
  const unknown = status.filter((each) => each.state === 'unknown');
  if (unknown.length > 0) {
    throw new ConfigurationError(
      `The database has applied migrations that are not in the folder: ${list(unknown)}. They are from another branch, or their files were removed.`,
      {
        code: 'MIGRATION_UNKNOWN_VERSION',
        hint: "Restore the files ('supabase migration fetch'), or mark the versions as reverted ('supabase migration repair').",
      },
    );
  }
  const late = status.filter((each) => each.state === 'out-of-order');
  if (late.length > 0 && !includeAll) {
    throw new ConfigurationError(
      `These migrations are older than migrations that are already applied: ${list(late)}.`,
      {
        code: 'MIGRATION_OUT_OF_ORDER',
        hint: "Give the file a newer version, or use '--include-all' to apply it after them.",
      },
    );
  }
  return status.filter((each) => each.state === 'pending' || each.state === 'out-of-order');
}

function list(migrations: readonly MigrationStatus[]): string {
  return migrations
    .map((each) => (each.name === '' ? each.version : `${each.version}_${each.name}`))
    .join(', ');
}

function compare(
  files: readonly MigrationFile[],
  history: readonly AppliedMigration[],
): readonly MigrationStatus[] {
  const applied = new Map(history.map((row) => [row.version, row]));
  const newest = history.at(-1)?.version ?? '';
  const known = files.map((file): MigrationStatus => {
    const row = applied.get(file.version);
    const state =
      row === undefined
        ? file.version < newest
          ? 'out-of-order'
          : 'pending'
        : isAsApplied(file, row)
          ? 'applied'
          : 'changed';
    return { version: file.version, name: file.name, state };
  });
  const versions = new Set(files.map((file) => file.version));
  const unknown = history
    .filter((row) => !versions.has(row.version))
    .map((row): MigrationStatus => ({ version: row.version, name: row.name ?? '', state: 'unknown' }));
  return [...known, ...unknown].sort((a, b) => (a.version < b.version ? -1 : 1));
}

/** Tools split the space between statements differently, so only the other characters are compared. */
function isAsApplied(file: MigrationFile, row: AppliedMigration): boolean {
  if (row.statements === null) return true;
  const essence = (statements: readonly string[]): string => statements.join('').replace(/[\s;]+/g, '');
  return essence(file.statements.map((s) => s.text)) === essence(row.statements);
}
