import { defineCommand } from 'citty';
import { endingClearly, refuseUnknown } from '../command-line.ts';
import { terminalOutput } from '../output.ts';
import { runSpillBench } from './run.ts';

const args = {
  quick: { type: 'boolean', description: '1 round instead of 7' },
} as const;

export const spillCommand = defineCommand({
  meta: { name: 'spill', description: 'Writes whose mode is full, with and without session connections' },
  args,
  run: (context) =>
    endingClearly(async () => {
      refuseUnknown(context.args, args);
      await runSpillBench(context.args.quick === true ? 1 : 7, terminalOutput());
    }),
});
