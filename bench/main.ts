import { defineCommand, runMain } from 'citty';
import { batchCommand } from './batch/command.ts';
import { cacheCommand } from './cache/command.ts';
import { embeddedCommand } from './embedded/command.ts';
import { layersCommand } from './layers/command.ts';
import { spillCommand } from './spill/command.ts';
import { suiteCommand } from './suite/command.ts';
import { tablesCommand } from './suite/tables-command.ts';
import { vectorsCommand } from './vectors/command.ts';

/** Without the name of a benchmark, but for a question of help, it is the suite. */
const [first = ''] = process.argv.slice(2);
const isSuite = first === '' || (first.startsWith('-') && first !== '--help' && first !== '-h');

await runMain(
  defineCommand({
    meta: { name: 'bench', description: 'Benchmarks of consolidated-db' },
    subCommands: {
      suite: suiteCommand,
      tables: tablesCommand,
      batch: batchCommand,
      cache: cacheCommand,
      layers: layersCommand,
      embedded: embeddedCommand,
      spill: spillCommand,
      vectors: vectorsCommand,
    },
  }),
  { rawArgs: [...(isSuite ? ['suite'] : []), ...process.argv.slice(2)] },
);
