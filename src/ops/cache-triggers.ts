import type { Clock } from '../contract/clock.ts';
import { UsageError } from '../contract/errors.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { AdminConnection } from '../modes/index.ts';
import { readMigrationFiles } from './migration-files.ts';
import { checkMigrationName, writeNewMigration } from './new-migration.ts';
import { readNames } from './sql-names.ts';

export interface NamedTable {
  readonly schema: string;
  readonly table: string;
}

/** Whether the tables are to tell of their changes from now on, or no longer. */
export type Watch = 'watch' | 'unwatch';

/**
 * The tables of a list as in SQL: `trips, other."Odd name"`. A name without schema is one of `public`.
 *
 * @throws UsageError `CACHE_TRIGGER_TABLES`
 */
export function namedTables(list: string): readonly NamedTable[] {
  const reader = readNames(list);
  const tables: (NamedTable | undefined)[] = [];
  do {
    const found = reader.qualifiedName();
    tables.push(found && { schema: found.schema ?? 'public', table: found.name });
  } while (reader.word(','));
  const isClosed = list.split('"').length % 2 === 1;
  if (isClosed && reader.isAtEnd && tables.every((table) => table !== undefined)) return tables;
  throw new UsageError(`'${list}' is not a list of tables.`, {
    code: 'CACHE_TRIGGER_TABLES',
    hint: 'Separate names by commas and quote those that Postgres would fold: trips,other."Odd name".',
  });
}

/** Without those that are part of others, which are watched with them, and without those of extensions. */
const TABLES = `
select n.nspname::text as schema, c.relname::text as "table"
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence <> 't'
  and n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
  and not exists (select from pg_catalog.pg_inherits i where i.inhrelid = c.oid)
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
order by 1, 2`;

/** All tables of these schemas, as the migration names them. */
export function tablesOf(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<readonly NamedTable[]> {
  return connection.query<NamedTable>(TABLES, [JSON.stringify(schemas)]);
}

const HEADER = `-- Written by \`cdb cache triggers\`. Needs the schema cdb in version 2 or newer, which \`cdb init\` installs.
do $check$ begin
  if to_regprocedure('cdb.watch_table(regclass)') is null then
    raise exception 'The schema cdb is missing or older than version 2.' using hint = 'Run cdb init first.';
  end if;
end $check$;
`;

/** The migration as text. It may be run again, and covers the partitions that there are when it runs. */
export function cacheTriggersSql(tables: readonly NamedTable[], watch: Watch): string {
  const lines = tables.map(
    ({ schema, table }) =>
      `select cdb.${watch}_table(${quotedText(`${quotedName(schema)}.${quotedName(table)}`)});`,
  );
  return `${HEADER}\n${lines.join('\n')}\n`;
}

/** Right whatever `standard_conforming_strings` is. */
function quotedText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
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
