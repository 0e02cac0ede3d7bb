import { defineCommand } from 'citty';
import { terminalOutput } from '../../src/bench/run-output.ts';
import { checkArguments } from '../../src/cli/check-arguments.ts';
import { endingClearly } from '../command-line.ts';
import { openBenchDatabase } from '../database.ts';
import { parseBatchOptions } from './options.ts';
import { runBatchBench } from './run.ts';

const args = {
  case: {
    type: 'string',
    valueHint: 'NAMES',
    description: 'rls-read, rls-insert (several with commas; all)',
  },
  mode: { type: 'string', valueHint: 'NAMES', description: 'direct, transaction (all)' },
  delay: {
    type: 'string',
    valueHint: 'MS',
    description: 'milliseconds of network delay per round trip (0,1)',
  },
  contender: {
    type: 'string',
    valueHint: 'NAMES',
    description: 'consolidated-db, raw-socket, postgres.js, pg, drizzle, kysely (these), all-off, all-on',
  },
  rounds: { type: 'string', valueHint: 'N', description: 'rounds in which each contender has a turn (7)' },
  seconds: { type: 'string', valueHint: 'S', description: 'seconds per turn (1)' },
  'warm-up': {
    type: 'string',
    valueHint: 'S',
    description: 'seconds that each contender runs unmeasured before the first turns of a case and mode (5)',
  },
  quick: { type: 'boolean', description: '3 rounds of 0.3 s: a quick look, not a measurement' },
  json: {
    type: 'string',
    valueHint: 'FILE',
    description: 'write the rows of the table to this file as JSON',
  },
  assert: { type: 'boolean', description: 'exit with 1 unless every wanted ratio was measured and met' },
} as const;

export const batchCommand = defineCommand({
  meta: {
    name: 'batch',
    description:
      'Reads and inserts as a user under row level security, compared with other drivers and a raw socket',
  },
  args,
  run: (context) =>
    endingClearly(async () => {
      checkArguments(args, context.rawArgs);
      const options = parseBatchOptions(context.args);
      const database = await openBenchDatabase();
      const interrupted = () => void database.drop().finally(() => process.exit(130));
      process.once('SIGINT', interrupted);
      try {
        const kept = await runBatchBench(options, database, terminalOutput());
        if (options.assert && !kept) process.exitCode = 1;
      } finally {
        process.off('SIGINT', interrupted);
        await database.drop();
      }
    }),
});
