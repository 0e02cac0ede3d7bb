import { defineCommand } from 'citty';
import { lintRowLevelSecurity } from '../ops/lint.ts';
import { adminArgs, jsonArg, withAdmin } from './admin-session.ts';
import { EXIT } from './exit-code.ts';
import { printJson, printLine, printTable } from './output.ts';

export const policiesLintCommand = defineCommand({
  meta: {
    name: 'lint',
    description:
      'Find what is wrong with the row level security of a database: tables, policies, functions, indexes and logins. It only reads. Exits with 1 if there is a warning or an error',
  },
  args: {
    ...adminArgs,
    schema: {
      type: 'string',
      valueHint: 'names',
      description: 'Schemas that are exposed to callers, separated by commas',
      default: 'public',
    },
    ...jsonArg,
  },
  async run({ args }) {
    const findings = await withAdmin(args, (connection) =>
      lintRowLevelSecurity(connection, { schemas: args.schema.split(',') }),
    );
    if (args.json) printJson({ findings });
    else if (findings.length === 0) printLine('Nothing is wrong.');
    else {
      printTable(
        ['LEVEL', 'RULE', 'FOUND'],
        findings.map(({ level, code, message }) => [level, code, message]),
      );
      printLine('\nWhat to do:');
      for (const { code, object, policy, advice } of findings)
        printLine(`- ${code}, ${object}${policy === undefined ? '' : `, "${policy}"`}:\n  ${advice}`);
    }
    return findings.some(({ level }) => level !== 'info') ? EXIT.failure : EXIT.ok;
  },
});
