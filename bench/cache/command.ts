import { defineCommand } from 'citty';
import { terminalOutput } from '../../src/bench/run-output.ts';
import { checkArguments } from '../../src/cli/check-arguments.ts';
import { endingClearly } from '../command-line.ts';
import { openBenchDatabase } from '../database.ts';
import { runCacheBench } from './run.ts';

const args = {
  quick: { type: 'boolean', description: '3 rounds of 0.3 s: a quick look, not a measurement' },
  json: {
    type: 'string',
    valueHint: 'FILE',
    description: 'write the figures to this file as JSON',
  },
  assert: { type: 'boolean', description: 'exit with 1 unless everything wanted was seen' },
} as const;

export const cacheCommand = defineCommand({
  meta: {
    name: 'cache',
    description: 'Cached reads: the time of a hit, and reads and writes compared with a cache built by hand',
  },
  args,
  run: (context) =>
    endingClearly(async () => {
      checkArguments(args, context.rawArgs);
      const { quick, json, assert } = context.args;
      const database = await openBenchDatabase();
      const interrupted = () => void database.drop().finally(() => process.exit(130));
      process.once('SIGINT', interrupted);
      try {
        const kept = await runCacheBench(
          { isQuick: quick === true, jsonFile: json },
          database,
          terminalOutput(),
        );
        if (assert === true && !kept) process.exitCode = 1;
      } finally {
        process.off('SIGINT', interrupted);
        await database.drop();
      }
    }),
});
