import { defineCommand } from 'citty';
import { closeTemporary } from '../ops/open-temporarily.ts';
import { adminArgs, jsonArg, withAdmin } from './admin-session.ts';
import { CommandLineError, EXIT } from './exit-code.ts';
import { oneTable } from './one-table.ts';
import { printJson, printLine } from './output.ts';

export const policiesCloseCommand = defineCommand({
  meta: {
    name: 'close',
    description:
      'End at once what open-temporarily has opened: for one table, for all, or only what has ended already. Other policies stay',
  },
  args: {
    table: { type: 'string', valueHint: 'name', description: 'The table, such as trips or other."Odd name"' },
    role: { type: 'string', valueHint: 'name', description: 'Only what is open for this role' },
    all: { type: 'boolean', description: 'Of all tables' },
    expired: {
      type: 'boolean',
      description: 'Only what has ended already, of all tables unless --table is given',
    },
    reason: { type: 'string', valueHint: 'text', description: 'Why. It is written to the audit' },
    ...adminArgs,
    ...jsonArg,
  },
  async run({ args }) {
    if (args.table === undefined && args.all !== true && args.expired !== true) {
      throw new CommandLineError('Say what to close: --table, --all or --expired.');
    }
    if (args.table !== undefined && args.all === true) {
      throw new CommandLineError('Close one table with --table, or all with --all: one of the two.');
    }
    const table = args.table === undefined ? undefined : oneTable(args.table);
    const closed = await withAdmin(args, (connection) =>
      closeTemporary(connection, {
        table,
        role: args.role,
        expired: args.expired === true,
        reason: args.reason,
      }),
    );
    if (args.json) printJson({ closed });
    else if (closed.length === 0) printLine('Nothing was open.');
    else
      for (const { table: name, command, role } of closed)
        printLine(`closed  ${name}  (${command} of ${role})`);
    return EXIT.ok;
  },
});
