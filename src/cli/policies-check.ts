import { join } from 'node:path';
import { defineCommand } from 'citty';
import { type PolicyDifference, policyDifferences } from '../ops/policies.ts';
import { adminArgs, directoryArg, jsonArg, withAdmin } from './admin-session.ts';
import { EXIT } from './exit-code.ts';
import { printJson, printLine, printTable } from './output.ts';

const MEANING: Readonly<Record<PolicyDifference['kind'], string>> = {
  missing: 'in the files, not in the database',
  extra: 'in the database, not in the files',
  different: 'in both, and not the same',
  'rls-off': 'row level security is off in the database',
  'rls-on': 'row level security is on in the database, not in the file',
};

export const policiesCheckCommand = defineCommand({
  meta: {
    name: 'check',
    description:
      'Compare the policies of a database with the policy files; exits 1 when they differ. Locks each table for some milliseconds',
  },
  args: {
    ...adminArgs,
    ...directoryArg,
    schema: {
      type: 'string',
      valueHint: 'names',
      description: 'Schemas of which every policy must have a file, separated by commas',
      default: 'public',
    },
    ...jsonArg,
  },
  async run({ args }) {
    const differences = await withAdmin(args, (connection) =>
      policyDifferences(connection, join(args.dir, 'policies'), { schemas: args.schema.split(',') }),
    );
    if (args.json) printJson({ differences });
    else if (differences.length === 0) printLine('The database and the policy files do not differ.');
    else
      printTable(
        ['TABLE', 'POLICY', 'DIFFERENCE'],
        differences.map((each) => [`${each.schema}.${each.table}`, each.policy ?? '', MEANING[each.kind]]),
      );
    return differences.length === 0 ? EXIT.ok : EXIT.failure;
  },
});
