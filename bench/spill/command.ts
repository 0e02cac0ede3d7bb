import { defineCommand } from 'citty';
import { terminalOutput } from '../../src/bench/run-output.ts';
import { checkArguments } from '../../src/cli/check-arguments.ts';
import { endingClearly } from '../command-line.ts';
import { runSpillBench } from './run.ts';

const args = {
  quick: { type: 'boolean', description: '1 round instead of 7' },
} as const;

export const spillCommand = defineCommand({
  meta: { name: 'spill', description: 'Writes whose mode is full, with and without session connections' },
  args,
  run: (context) =>
    endingClearly(async () => {
      checkArguments(args, context.rawArgs);
      await runSpillBench(context.args.quick === true ? 1 : 7, terminalOutput());
    }),
});
