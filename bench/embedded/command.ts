import { defineCommand } from 'citty';
import { terminalOutput } from '../../src/bench/run-output.ts';
import { checkArguments } from '../../src/cli/check-arguments.ts';
import { endingClearly } from '../command-line.ts';
import { runEmbeddedBench } from './run.ts';

const args = {
  quick: { type: 'boolean', description: '1 round instead of 7' },
} as const;

export const embeddedCommand = defineCommand({
  meta: { name: 'embedded', description: 'The embedded database in a thread of its own and in the same one' },
  args,
  run: (context) =>
    endingClearly(async () => {
      checkArguments(args, context.rawArgs);
      await runEmbeddedBench(context.args.quick === true ? 1 : 7, terminalOutput());
    }),
});
