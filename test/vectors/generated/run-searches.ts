import { parseArgs } from 'node:util';
import { createEmbeddedDatabase } from '../../support/embedded-database.ts';
import { createTestDatabase } from '../../support/full-stack.ts';
import { embeddedGround, stackGround } from './grounds.ts';
import { type Ground, lackingOf, playSearches, type SearchesTally } from './play-searches.ts';

const HELP = `Generated vector searches on generated tables, each answer held to what is true.

  npm run test:searches
  npm run test:searches -- --searches 2000 --seed 7

  --searches N       how many on the full stack, in direct and in transaction mode (default 10000)
  --seed S           repeats the tables and the searches of a run (default: another one each time)
  --rows N           of most tables (default 5000)
  --searches-of N    of each table (default 250)
  --embedded         on PGlite in place of the full stack
  --help             this text

It exits 0 only if no answer is wrong, each way of searching comes often enough, and 'balanced' finds enough of the nearest rows.`;

const { values } = parseArgs({
  options: {
    searches: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rows: { type: 'string', default: '5000' },
    'searches-of': { type: 'string', default: '250' },
    embedded: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: 'searches' | 'seed' | 'rows' | 'searches-of', least: number): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`The option '--${name}' must be a whole number from ${least}. It was '${values[name]}'.`);
}

if (values.help) console.log(HELP);
else process.exitCode = (await (values.embedded ? embedded() : stacked())) ? 0 : 1;

async function embedded(): Promise<boolean> {
  const pglite = await createEmbeddedDatabase();
  try {
    return await play(embeddedGround(pglite));
  } finally {
    await pglite.close();
  }
}

async function stacked(): Promise<boolean> {
  await using database = await createTestDatabase();
  return await play(stackGround(database));
}

/** @returns whether all is well */
async function play(ground: Ground): Promise<boolean> {
  const seed = wholeNumber('seed', 0);
  console.log(`seed ${seed}`);
  const startedAt = performance.now();
  const tally = await playSearches(ground, {
    seed,
    searches: wholeNumber('searches', 1),
    searchesOfTable: wholeNumber('searches-of', 1),
    rows: wholeNumber('rows', 0),
    onProgress: ({ searches, tables, wrong }) => {
      if (process.stdout.isTTY)
        process.stdout.write(`\r\x1b[K${searches} searches in ${tables} tables, ${wrong.length} wrong`);
    },
  });
  return told(tally, Math.round((performance.now() - startedAt) / 1_000));
}

function told(tally: SearchesTally, seconds: number): boolean {
  const { searches, tables, plans, balanced, wrong } = tally;
  const recall = (balanced.found / balanced.expected).toFixed(4);
  console.log(
    `\n${searches} searches in ${tables} tables, ${seconds} s: ${wrong.length} wrong, recall of 'balanced' ${recall}, plans ${JSON.stringify(plans)}`,
  );
  for (const one of wrong) console.log(`\nWRONG ${one}`);
  const lacking = lackingOf(tally);
  for (const one of lacking) console.log(one);
  return wrong.length === 0 && lacking.length === 0;
}
