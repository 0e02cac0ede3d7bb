import { join } from 'node:path';
import { defineCommand } from 'citty';
import { policyStatus } from '../ops/policies-status.ts';
import type { TemporaryPolicy } from '../ops/temporary-policies.ts';
import { adminArgs, directoryArg, jsonArg, withAdmin } from './admin-session.ts';
import { EXIT } from './exit-code.ts';
import { printJson, printLine, printTable } from './output.ts';

export const policiesStatusCommand = defineCommand({
  meta: {
    name: 'status',
    description:
      'Show each policy in its file, in the newest migration, and in the database, and what is open for a time. Exits with 1 if they differ. Locks each table for a few milliseconds',
  },
  args: {
    ...adminArgs,
    ...directoryArg,
    schema: {
      type: 'string',
      valueHint: 'names',
      description: 'Schemas in which every policy must be in a file, separated by commas',
      default: 'public',
    },
    ...jsonArg,
  },
  async run({ args }) {
    const folders = { migrations: join(args.dir, 'migrations'), policies: join(args.dir, 'policies') };
    const report = await withAdmin(args, (connection) =>
      policyStatus(connection, folders, { schemas: args.schema.split(',') }),
    );
    if (args.json) printJson(report);
    else {
      printTable(
        ['TABLE', 'POLICY', 'FILE', 'MIGRATION', 'DATABASE'],
        report.policies.map(({ schema, table, policy, file, migration, database }) => [
          `${schema}.${table}`,
          policy ?? '(row level security)',
          file,
          migration,
          database,
        ]),
      );
      for (const each of report.temporary) printLine(shown(each));
      const advice = new Set(report.policies.flatMap((each) => each.advice ?? []));
      if (advice.size > 0) printLine('\nWhat to do:');
      for (const each of advice) printLine(`- ${each}`);
    }
    return report.policies.some(({ advice }) => advice !== undefined) ? EXIT.failure : EXIT.ok;
  },
});

function shown({ table, command, role, until, secondsLeft }: TemporaryPolicy): string {
  if (until === null || secondsLeft === null) return `open without an end: ${table}, ${command} of ${role}`;
  if (secondsLeft <= 0) return `ended at ${until}, still there: ${table}, ${command} of ${role}`;
  return `open until ${until}, for ${Math.ceil(secondsLeft / 60)} more minutes: ${table}, ${command} of ${role}`;
}
