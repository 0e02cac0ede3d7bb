import type { Clock } from '../contract/clock.ts';
import { readMigrationFiles } from './migration-files.ts';
import { type NamedTable, tableLiteral } from './named-tables.ts';
import { checkMigrationName, writeNewMigration } from './new-migration.ts';

/** Whether the tables are to tell of their changes from now on, or no longer. */
export type Watch = 'watch' | 'unwatch';

const HEADER = `-- Written by \`cdb cache triggers\`. Needs the schema cdb in version 2 or newer, which \`cdb init\` installs.
do $check$ begin
  if to_regprocedure('cdb.watch_table(regclass)') is null then
    raise exception 'The schema cdb is missing or older than version 2.' using hint = 'Run cdb init first.';
  end if;
end $check$;
`;

/** The migration as text. It may be run again, and covers the partitions that there are when it runs. */
export function cacheTriggersSql(tables: readonly NamedTable[], watch: Watch): string {
  const lines = tables.map((table) => `select cdb.${watch}_table(${tableLiteral(table)});`);
  return `${HEADER}\n${lines.join('\n')}\n`;
}

const INVALID_NAME = 'CACHE_TRIGGER_MIGRATION_NAME';

interface CacheTriggersOptions {
  readonly migrations: string;
  /** Lower-case letters, digits and underscores. */
  readonly name: string;
  readonly tables: readonly NamedTable[];
  readonly watch: Watch;
  readonly clock: Clock;
}

/**
 * Writes the next migration: it lets the tables tell of their changes, or no longer. Returns its path.
 *
 * @throws UsageError `CACHE_TRIGGER_MIGRATION_NAME`
 */
export async function writeCacheTriggers(options: CacheTriggersOptions): Promise<string> {
  checkMigrationName(options.name, INVALID_NAME);
  const existing = await readMigrationFiles(options.migrations);
  return writeNewMigration(options, existing, cacheTriggersSql(options.tables, options.watch));
}
