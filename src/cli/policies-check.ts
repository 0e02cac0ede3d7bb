import { join } from 'node:path';
import { defineCommand } from 'citty';
import { type PolicyDifference, policyDifferences } from '../ops/policies.ts';
import { adminArgs, directoryArg, jsonArg, withAdmin } from './admin-session.ts';
import { EXIT } from './exit-code.ts';
import { printJson, printLine, printTable } from './output.ts';

const MEANING: Readonly<Record<PolicyDifference['kind'], string>> = {
  missing: 'in the files, not in the database',
  extra: 'in the database, not in the files',
  different: 'not the same in the files and in the database',
  'rls-off': 'row level security is off in the database',
  'rls-on': 'row level security is on in the database, not in the file',
};

export const policiesCheckCommand = defineCommand({
  meta: {
    name: 'check',
    description:
      'Compare the policies of a database with the policy files. Exits with 1 if they differ. Locks each table for a few milliseconds',
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
    const differences = await withAdmin(args, (connection) =>
      policyDifferences(connection, join(args.dir, 'policies'), { schemas: args.schema.split(',') }),
    );
    if (args.json) printJson({ differences });
    else if (differences.length === 0) printLine('The database matches the policy files.');
    else
      printTable(
        ['TABLE', 'POLICY', 'DIFFERENCE'],
        differences.map((each) => [`${each.schema}.${each.table}`, each.policy ?? '', MEANING[each.kind]]),
      );
    return differences.length === 0 ? EXIT.ok : EXIT.failure;
  },
});
