import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../contract/clock.ts';
import { UsageError } from '../contract/errors.ts';
import type { MigrationFile } from './migration-files.ts';

interface NewMigration {
  /** Folder of the migrations. */
  readonly migrations: string;
  readonly name: string;
  readonly clock: Clock;
}

/** @throws UsageError with this code */
export function checkMigrationName(name: string, code: string): void {
  if (/^[a-z0-9_]{1,80}$/.test(name)) return;
  throw new UsageError(`'${name}' is not a valid name for a migration.`, {
    code,
    hint: 'Use up to 80 lower-case letters, digits and underscores.',
  });
}

/** Writes the next migration behind those that there are. Returns its path. */
export async function writeNewMigration(
  { migrations, name, clock }: NewMigration,
  existing: readonly MigrationFile[],
  text: string,
): Promise<string> {
  const path = join(migrations, `${nextVersion(existing, clock.wallNow())}_${name}.sql`);
  await writeFile(path, text, { flag: 'wx' });
  return path;
}

/** Newer than every existing version, so that the migration is never out of order. */
function nextVersion(migrations: readonly MigrationFile[], now: number): string {
  const stamp = new Date(now).toISOString().replace(/\D/g, '').slice(0, 14);
  const newest = migrations.at(-1)?.version ?? '';
  return stamp > newest ? stamp : String(BigInt(newest) + 1n);
}
