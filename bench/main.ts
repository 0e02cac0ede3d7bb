import { defineCommand, runMain } from 'citty';
import { batchCommand } from './batch/command.ts';
import { cacheCommand } from './cache/command.ts';
import { embeddedCommand } from './embedded/command.ts';
import { layersCommand } from './layers/command.ts';
import { spillCommand } from './spill/command.ts';
import { vectorsCommand } from './vectors/command.ts';

await runMain(
  defineCommand({
    meta: { name: 'bench', description: 'Benchmarks of consolidated-db' },
    subCommands: {
      batch: batchCommand,
      cache: cacheCommand,
      layers: layersCommand,
      embedded: embeddedCommand,
      spill: spillCommand,
      vectors: vectorsCommand,
    },
  }),
);
