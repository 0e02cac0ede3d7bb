import { defineCommand } from 'citty';
import { checkArguments } from '../../src/cli/check-arguments.ts';
import { wholeNumber } from '../../src/cli/option-values.ts';
import { endingClearly } from '../command-line.ts';
import { dataApiTables } from './data-api.ts';

const args = {
  rows: { type: 'string', valueHint: 'N', description: 'as many as the run will have (100000)' },
} as const;

export const tablesCommand = defineCommand({
  meta: {
    name: 'tables',
    description:
      'Prints SQL: the tables of the suite, for the database behind the Data API of --supabase-url',
  },
  args,
  run: (context) =>
    endingClearly(async () => {
      checkArguments(args, context.rawArgs);
      process.stdout.write(dataApiTables(wholeNumber('--rows', context.args.rows, 100_000)));
    }),
});
