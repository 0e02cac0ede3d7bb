import { defineCommand } from 'citty';
import { terminalOutput } from '../../src/bench/run-output.ts';
import { checkArguments } from '../../src/cli/check-arguments.ts';
import { endingClearly } from '../command-line.ts';
import { openBenchDatabase } from '../database.ts';
import { runLayersBench } from './run.ts';

const args = {
  quick: { type: 'boolean', description: '1 round instead of 5' },
  json: {
    type: 'string',
    valueHint: 'FILE',
    description: 'write the rows of the table to this file as JSON',
  },
  assert: { type: 'boolean', description: 'exit with 1 if a call takes more CPU time than wanted' },
} as const;

export const layersCommand = defineCommand({
  meta: {
    name: 'layers',
    description: 'CPU time of the layers above the batch, with a mode that answers immediately',
  },
  args,
  run: (context) =>
    endingClearly(async () => {
      checkArguments(args, context.rawArgs);
      const rounds = context.args.quick === true ? 1 : 5;
      const database = await openBenchDatabase();
      try {
        const kept = await runLayersBench(
          { rounds, jsonFile: context.args.json },
          database,
          terminalOutput(),
        );
        if (context.args.assert === true && !kept) process.exitCode = 1;
      } finally {
        await database.drop();
      }
    }),
});
