import { join } from 'node:path';
import { defineCommand } from 'citty';
import { systemClock } from '../contract/clock.ts';
import { auditTriggersSql, writeAuditTriggers } from '../ops/audit-triggers.ts';
import { columnNames } from '../ops/named-tables.ts';
import { adminArgs, directoryArg, jsonArg } from './admin-session.ts';
import { CommandLineError, EXIT } from './exit-code.ts';
import { printJson, printLine } from './output.ts';
import { tableArgs, tablesFrom } from './table-args.ts';

const INVALID_TABLES = 'AUDIT_TABLES';

export const auditTablesCommand = defineCommand({
  meta: {
    name: 'tables',
    description:
      'Write a migration with triggers that record every change of a table in cdb.audit: who, what, before and after. It covers their partitions. Needs the schema cdb, which cdb init installs',
  },
  args: {
    ...tableArgs,
    exclude: {
      type: 'string',
      valueHint: 'columns',
      description: 'Columns whose values are not kept, separated by commas. Only with one table',
    },
    name: {
      type: 'string',
      valueHint: 'name',
      description:
        'Name of the migration: lower-case letters, digits and underscores (default: audit_tables, or drop_audit_tables with --drop)',
    },
    ...adminArgs,
    ...directoryArg,
    ...jsonArg,
  },
  async run({ args }) {
    const record = args.drop !== true;
    const tables = await tablesFrom(args, INVALID_TABLES);
    if (args.exclude !== undefined && tables.length > 1) {
      throw new CommandLineError('--exclude names columns of one table. Write a migration for each.');
    }
    const exclude = args.exclude === undefined ? [] : columnNames(args.exclude, INVALID_TABLES);
    const audited = { tables, exclude, record };
    const isPrinted = args.print === true;
    const path = isPrinted
      ? undefined
      : await writeAuditTriggers({
          ...audited,
          migrations: join(args.dir, 'migrations'),
          name: args.name ?? (record ? 'audit_tables' : 'drop_audit_tables'),
          clock: systemClock,
        });
    const sql = auditTriggersSql(audited);
    if (args.json) printJson({ path: path ?? null, tables, exclude, ...(isPrinted && { sql }) });
    else if (path === undefined) printLine(sql.trimEnd());
    else printLine(`wrote  ${path}  (${tables.map(({ schema, table }) => `${schema}.${table}`).join(', ')})`);
    return EXIT.ok;
  },
});
