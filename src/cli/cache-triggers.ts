import { join } from 'node:path';
import { defineCommand } from 'citty';
import { systemClock } from '../contract/clock.ts';
import { cacheTriggersSql, type Watch, writeCacheTriggers } from '../ops/cache-triggers.ts';
import { type NamedTable, namedTables, tablesOf } from '../ops/named-tables.ts';
import { adminArgs, directoryArg, jsonArg, withAdmin } from './admin-session.ts';
import { CommandLineError, EXIT } from './exit-code.ts';
import { printJson, printLine } from './output.ts';

const INVALID_TABLES = 'CACHE_TRIGGER_TABLES';

const NAMES: Readonly<Record<Watch, string>> = {
  watch: 'cache_triggers',
  unwatch: 'drop_cache_triggers',
};

export const cacheTriggersCommand = defineCommand({
  meta: {
    name: 'triggers',
    description:
      'Write a migration with triggers that tell every process which tables a transaction has changed. It covers their partitions. Needs the schema cdb, which cdb init installs',
  },
  args: {
    tables: {
      type: 'string',
      valueHint: 'names',
      description: 'The tables, separated by commas, such as trips,other."Odd name". No database is needed',
    },
    all: { type: 'boolean', description: 'All tables that the database has now in the schemas of --schema' },
    schema: {
      type: 'string',
      valueHint: 'names',
      description: 'Schemas of --all, separated by commas',
      default: 'public',
    },
    drop: { type: 'boolean', description: 'Write a migration that drops the triggers' },
    print: { type: 'boolean', description: 'Print the SQL and write no file' },
    name: {
      type: 'string',
      valueHint: 'name',
      description: `Name of the migration: lower-case letters, digits and underscores (default: ${NAMES.watch}, or ${NAMES.unwatch} with --drop)`,
    },
    ...adminArgs,
    ...directoryArg,
    ...jsonArg,
  },
  async run({ args }) {
    const watch: Watch = args.drop === true ? 'unwatch' : 'watch';
    const tables = await tablesFrom(args);
    const isPrinted = args.print === true;
    const path = isPrinted
      ? undefined
      : await writeCacheTriggers({
          migrations: join(args.dir, 'migrations'),
          name: args.name ?? NAMES[watch],
          tables,
          watch,
          clock: systemClock,
        });
    const sql = cacheTriggersSql(tables, watch);
    if (args.json) printJson({ path: path ?? null, tables, ...(isPrinted && { sql }) });
    else if (path === undefined) printLine(sql.trimEnd());
    else printLine(`wrote  ${path}  (${tables.map(({ schema, table }) => `${schema}.${table}`).join(', ')})`);
    return EXIT.ok;
  },
});

interface TableArguments {
  readonly tables?: string | undefined;
  readonly all?: boolean | undefined;
  readonly schema: string;
  readonly url?: string | undefined;
  readonly 'tls-ca'?: string | undefined;
}

async function tablesFrom(args: TableArguments): Promise<readonly NamedTable[]> {
  if ((args.tables === undefined) === (args.all !== true)) {
    throw new CommandLineError(
      'Name the tables with --tables, or take all of a database with --all: one of the two.',
    );
  }
  if (args.tables !== undefined) return namedTables(args.tables, INVALID_TABLES);
  const found = await withAdmin(args, (connection) => tablesOf(connection, args.schema.split(',')));
  if (found.length === 0) {
    throw new CommandLineError(`The database has no table in ${args.schema}: nothing was written.`);
  }
  return found;
}
