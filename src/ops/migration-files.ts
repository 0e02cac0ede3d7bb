import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../contract/errors.ts';
import { type SqlStatement, splitStatements } from './sql-statements.ts';

/** A file of `supabase/migrations`, named as the Supabase CLI names them: `20261121030000_domain_tables.sql`. */
export interface MigrationFile {
  readonly file: string;
  /** The digits before the first underscore. */
  readonly version: string;
  readonly name: string;
  readonly text: string;
  readonly statements: readonly SqlStatement[];
  /** The first line is `-- cdb: no-transaction`: for `create index concurrently` and similar statements. */
  readonly transactional: boolean;
}

const FILE_NAME = /^([0-9]+)_(.*)\.sql$/;
const NO_TRANSACTION = /^--[ \t]*cdb:[ \t]*no-transaction[ \t]*(?:\r?\n|$)/;

/**
 * Reads the migrations of a folder, oldest first. Files that do not end in `.sql` are ignored.
 *
 * @throws ConfigurationError `MIGRATIONS_NOT_FOUND`, `MIGRATION_FILE_NAME`, `MIGRATION_DUPLICATE_VERSION`.
 */
export async function readMigrationFiles(directory: string): Promise<readonly MigrationFile[]> {
  const names = await listSql(directory);
  const files: MigrationFile[] = [];
  for (const file of names) {
    const [, version, name] = FILE_NAME.exec(file) ?? [];
    if (version === undefined || name === undefined) {
      throw new ConfigurationError(`The migration file '${file}' has no version in its name.`, {
        code: 'MIGRATION_FILE_NAME',
        hint: 'Names look like 20261121030000_domain_tables.sql: digits, an underscore, a name.',
      });
    }
    const twin = files.find((other) => other.version === version);
    if (twin !== undefined) {
      throw new ConfigurationError(`The migrations '${twin.file}' and '${file}' have the same version.`, {
        code: 'MIGRATION_DUPLICATE_VERSION',
      });
    }
    files.push(parseMigration(file, version, name, await readFile(join(directory, file), 'utf8')));
  }
  // Versions are digits, usually of equal length. The Supabase CLI's history compares them as text.
  return files.sort((a, b) => (a.version < b.version ? -1 : 1));
}

function parseMigration(file: string, version: string, name: string, raw: string): MigrationFile {
  const text = raw.replace(/^\uFEFF/, '');
  return {
    file,
    version,
    name,
    text,
    statements: splitStatements(text),
    transactional: !NO_TRANSACTION.test(text),
  };
}

async function listSql(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  } catch (cause) {
    throw new ConfigurationError(`Could not read the migrations folder '${directory}'.`, {
      code: 'MIGRATIONS_NOT_FOUND',
      hint: 'Run this in the folder that contains supabase/, or name the folder.',
      cause,
    });
  }
}
