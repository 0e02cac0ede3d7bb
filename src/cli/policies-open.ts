import { defineCommand } from 'citty';
import { openTemporarily } from '../ops/open-temporarily.ts';
import { adminArgs, jsonArg, withAdmin } from './admin-session.ts';
import { confirmName } from './confirm.ts';
import { CommandLineError, EXIT } from './exit-code.ts';
import { oneTable, shownTable } from './one-table.ts';
import { printJson, printLine } from './output.ts';

export const policiesOpenCommand = defineCommand({
  meta: {
    name: 'open-temporarily',
    description:
      'For emergencies: let a role read or write all rows of a table for a time of at most 24 hours. Row level security stays on; it ends by itself. Asks for the name of the table to be typed, and writes the reason to the audit. Needs the schema cdb, which cdb init installs',
  },
  args: {
    table: {
      type: 'string',
      valueHint: 'name',
      description: 'The table, such as trips or other."Odd name"',
      required: true,
    },
    role: { type: 'string', valueHint: 'name', description: 'The one role that it is for', required: true },
    command: {
      type: 'string',
      valueHint: 'command',
      description: 'select, insert, update or delete',
      default: 'select',
    },
    until: {
      type: 'string',
      valueHint: 'end',
      description: 'A duration such as 30m or 2h, or a time such as 2027-01-02T15:00:00Z',
      required: true,
    },
    reason: {
      type: 'string',
      valueHint: 'text',
      description: 'Why. It is written to the audit',
      required: true,
    },
    confirm: {
      type: 'string',
      valueHint: 'name',
      description: 'The name of the table again, for scripts: nothing is asked then',
    },
    'include-anonymous': {
      type: 'boolean',
      description: 'Also if callers who have not signed in have the rights of the role',
    },
    ...adminArgs,
    ...jsonArg,
  },
  async run({ args }) {
    const table = oneTable(args.table);
    const name = shownTable(table);
    await assertConfirmed(name, args);
    const opened = await withAdmin(args, (connection) =>
      openTemporarily(connection, {
        table,
        role: args.role,
        command: args.command,
        until: args.until,
        reason: args.reason,
        evenAnonymous: args['include-anonymous'] === true,
      }),
    );
    if (args.json) printJson({ table: name, role: args.role, command: args.command, ...opened });
    else printLine(`${name} is open for ${args.command} to ${args.role} until ${opened.until}.`);
    if (!opened.isGranted) {
      process.stderr.write(
        `The role ${args.role} has no grant for ${args.command} on ${name}: without one the policy does nothing.\n`,
      );
    }
    return EXIT.ok;
  },
});

async function assertConfirmed(
  name: string,
  args: {
    readonly role: string;
    readonly command: string;
    readonly until: string;
    readonly confirm?: string | undefined;
    readonly json?: boolean | undefined;
  },
): Promise<void> {
  if (args.confirm !== undefined) {
    if (args.confirm === name) return;
    throw new CommandLineError(
      `--confirm must be the name of the table, ${name}. It was '${args.confirm}'. Nothing was opened.`,
    );
  }
  const question = `This lets ${args.role} ${args.command} all rows of ${name} until ${args.until}.`;
  if (args.json !== true && (await confirmName(question, name))) return;
  throw new CommandLineError(
    `Nothing was opened: the name of the table was not typed.`,
    `A script says it with --confirm ${name}.`,
  );
}
