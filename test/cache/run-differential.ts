/**
 * The differential test of the cache, as a command:
 *
 *     npm run test:cache -- differential
 *     npm run test:cache -- differential --reads 20000 --seed 7 --only 12
 *
 * Most of it on PGlite, a share on the full stack, where statements run side by side. It exits 0 only if each answer of the cache
 * was the one that the database gave, and enough of them came from memory to mean something.
 */
import { parseArgs } from 'node:util';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase } from '../support/full-stack.ts';
import { type DifferentialOptions, type Ground, playDifferential, type Tally } from './differential.ts';

const MIN_HIT_RATE = 0.3;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== 'differential'),
  options: {
    reads: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** One schema of the seed, on PGlite. */
    only: { type: 'string' },
    /** One in so many reads is made on the full stack. */
    stack: { type: 'string', default: '10' },
  },
});

const seed = Number(values.seed);
const reads = Number(values.reads);
const onStack = values.only === undefined ? Math.floor(reads / Number(values.stack)) : 0;
const only = values.only === undefined ? undefined : Number(values.only);
console.log(`seed ${seed}`);
const tallies = [await embedded({ seed, reads: reads - onStack, only, readsOfSchema: 400 })];
if (onStack > 0) tallies.push(await stacked({ seed: seed + 1, reads: onStack, readsOfSchema: 400 }));
process.exitCode = tallies.every(isGood) ? 0 : 1;

async function embedded(options: DifferentialOptions): Promise<Tally> {
  const pglite = await createEmbeddedDatabase();
  try {
    return await told(
      'PGlite',
      { options: { embedded: { pglite } }, run: (sql) => pglite.exec(sql) },
      options,
    );
  } finally {
    await pglite.close();
  }
}

async function stacked(options: DifferentialOptions): Promise<Tally> {
  await using database = await createTestDatabase();
  const urls = { ...database.user, service: database.service };
  return await told('full stack', { options: urls, run: (sql) => database.query(sql) }, options);
}

async function told(where: string, ground: Ground, options: DifferentialOptions): Promise<Tally> {
  const startedAt = performance.now();
  const tally = await playDifferential(ground, {
    ...options,
    onProgress: ({ reads, differences }) => {
      if (process.stdout.isTTY)
        process.stdout.write(`\r\x1b[K${where}: ${reads} reads, ${differences.length} differences`);
    },
  });
  const { differences, ...counts } = tally;
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  console.log(`\n${where}, ${seconds} s: ${JSON.stringify(counts)}, ${differences.length} differences`);
  for (const difference of differences) console.log(`\nDIFFERENCE ${difference}`);
  if (tally.hits < tally.reads * MIN_HIT_RATE)
    console.log(`Only ${tally.hits} of ${tally.reads} came from memory.`);
  return tally;
}

function isGood({ differences, hits, reads }: Tally): boolean {
  return differences.length === 0 && hits >= reads * MIN_HIT_RATE;
}
