import type { Clock } from '../contract/clock.ts';
import { readMigrationFiles } from './migration-files.ts';
import { checkMigrationName, writeNewMigration } from './new-migration.ts';

interface OwnSchemaCalls {
  /** The command that writes it. */
  readonly command: string;
  /** The version of the schema `cdb` that it needs, and a function which that version has. */
  readonly version: number;
  readonly needs: string;
  /** Calls of functions of the schema, as expressions. */
  readonly calls: readonly string[];
}

/** A migration that calls functions of the schema `cdb`, as text. Where the schema is missing or older, it fails and says so. */
export function ownSchemaSql({ command, version, needs, calls }: OwnSchemaCalls): string {
  return `-- Written by \`cdb ${command}\`. Needs the schema cdb in version ${version} or newer, which \`cdb init\` installs.
do $check$ begin
  if to_regprocedure('${needs}') is null then
    raise exception 'The schema cdb is missing or older than version ${version}.' using hint = 'Run cdb init first.';
  end if;
end $check$;

${calls.map((call) => `select ${call};`).join('\n')}
`;
}

interface MigrationPlace {
  readonly migrations: string;
  /** Lower-case letters, digits and underscores. */
  readonly name: string;
  readonly clock: Clock;
}

/**
 * Writes the next migration. Returns its path.
 *
 * @throws UsageError with this code, if the name is none
 */
export async function writeOwnSchemaMigration(
  place: MigrationPlace,
  sql: string,
  invalidName: string,
): Promise<string> {
  checkMigrationName(place.name, invalidName);
  return writeNewMigration(place, await readMigrationFiles(place.migrations), sql);
}
