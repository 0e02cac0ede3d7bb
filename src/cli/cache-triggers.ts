import { join } from 'node:path';
import { defineCommand } from 'citty';
import { systemClock } from '../contract/clock.ts';
import { cacheTriggersSql, type Watch, writeCacheTriggers } from '../ops/cache-triggers.ts';
import { adminArgs, directoryArg, jsonArg } from './admin-session.ts';
import { EXIT } from './exit-code.ts';
import { printJson, printLine } from './output.ts';
import { tableArgs, tablesFrom } from './table-args.ts';

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
    ...tableArgs,
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
    const tables = await tablesFrom(args, INVALID_TABLES);
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
