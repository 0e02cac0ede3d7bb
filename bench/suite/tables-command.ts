import { defineCommand } from 'citty';
import { checkArguments } from '../../src/cli/check-arguments.ts';
import { wholeNumber } from '../../src/cli/option-values.ts';
import { endingClearly } from '../command-line.ts';
import { BENCH_USERS } from './plan.ts';
import { TRIPS_SQL, tripsSql } from './world.ts';

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
      const rows = wholeNumber('--rows', context.args.rows, 100_000);
      process.stdout.write(
        `drop table if exists public.bench_trips;\ndrop function if exists public.bench_count_trips;\n${TRIPS_SQL}${tripsSql({ rows, users: BENCH_USERS })}notify pgrst, 'reload schema';\n`,
      );
    }),
});
