import { defineCommand } from 'citty';
import { auditLog } from '../ops/audit-log.ts';
import { adminArgs, jsonArg, withAdmin } from './admin-session.ts';
import { CommandLineError, EXIT } from './exit-code.ts';
import { oneTable } from './one-table.ts';
import { printJson, printLine, printTable } from './output.ts';

export const auditListCommand = defineCommand({
  meta: { name: 'list', description: 'Show what was recorded in cdb.audit, the newest first' },
  args: {
    table: { type: 'string', valueHint: 'name', description: 'Only of this table' },
    since: {
      type: 'string',
      valueHint: 'time',
      description: 'A duration such as 24h or 7d, or a time such as 2027-01-02T15:00:00Z',
    },
    limit: {
      type: 'string',
      valueHint: 'count',
      description: 'At most so many, up to 100000',
      default: '100',
    },
    ...adminArgs,
    ...jsonArg,
  },
  async run({ args }) {
    const limit = Number(args.limit);
    if (!Number.isInteger(limit) || limit < 1 || limit > 100_000) {
      throw new CommandLineError(`--limit must be a number from 1 to 100000. It was '${args.limit}'.`);
    }
    const table = args.table === undefined ? undefined : oneTable(args.table);
    const entries = await withAdmin(args, (connection) =>
      auditLog(connection, { table, since: args.since, limit }),
    );
    if (args.json) printJson({ entries });
    else if (entries.length === 0) printLine('Nothing was recorded.');
    else
      printTable(
        ['AT', 'WHO', 'WHAT', 'TABLE', 'KEY', 'CHANGED', 'REASON'],
        entries.map(({ at, role, subject, operation, table: name, key, before, after, excluded, reason }) => [
          at,
          subject === null ? role : `${role} ${subject}`,
          operation,
          name,
          key === null ? '' : JSON.stringify(key),
          [...Object.keys(after ?? before ?? {}), ...excluded].join(', '),
          reason ?? '',
        ]),
      );
    return EXIT.ok;
  },
});
