import type { Clock } from '../contract/clock.ts';
import { type NamedTable, tableLiteral } from './named-tables.ts';
import { ownSchemaSql, writeOwnSchemaMigration } from './own-schema-migration.ts';

/** Whether the tables are to tell of their changes from now on, or no longer. */
export type Watch = 'watch' | 'unwatch';

/** The migration as text. It may be run again, and covers the partitions that there are when it runs. */
export function cacheTriggersSql(tables: readonly NamedTable[], watch: Watch): string {
  return ownSchemaSql({
    command: 'cache triggers',
    version: 2,
    needs: 'cdb.watch_table(regclass)',
    calls: tables.map((table) => `cdb.${watch}_table(${tableLiteral(table)})`),
  });
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
export function writeCacheTriggers({ tables, watch, ...place }: CacheTriggersOptions): Promise<string> {
  return writeOwnSchemaMigration(place, cacheTriggersSql(tables, watch), INVALID_NAME);
}
