import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase } from '../support/full-stack.ts';
import { Coverage } from './coverage.ts';
import { embeddedGround, stackGround } from './grounds.ts';
import { play } from './play.ts';
import type { PlayOptions, Tally } from './play-options.ts';

/** One in so many cases is on the embedded database. */
const EMBEDDED_SHARE = 20;
/** Each cell has to be met once in so many cases. */
const CASES_PER_HIT = 20_000;

export interface DifferentialOptions {
  readonly seed: number;
  readonly cases: number;
  readonly world: number | undefined;
  /** All of it on the embedded database. */
  readonly embedded: boolean;
}

/** @returns whether all is well */
export async function runDifferential({ embedded, ...options }: DifferentialOptions): Promise<boolean> {
  const { seed, cases, world } = options;
  console.log(`seed ${seed}`);
  const coverage = new Coverage();
  const further = embedded || world !== undefined ? 0 : Math.floor(cases / EMBEDDED_SHARE);
  const first = { ...options, cases: cases - further, coverage };
  const tallies = [await (embedded ? onPglite : onStack)(first)];
  if (further > 0) tallies.push(await onPglite({ seed, cases: further, coverage }));
  console.log(`\n${coverage}\n`);
  const lacking = world === undefined ? coverage.lacking(Math.floor(cases / CASES_PER_HIT)) : [];
  for (const line of lacking) console.log(`LACKING ${line}`);
  console.log(`${coverage.cells} cells, ${lacking.length} lacking`);
  return lacking.length === 0 && tallies.every(({ differences }) => differences.length === 0);
}

async function onStack(options: PlayOptions): Promise<Tally> {
  await using database = await createTestDatabase({ migrated: true });
  await using ground = stackGround(database);
  return told('full stack', await play(ground, { ...options, onProgress: progressOf('full stack') }));
}

async function onPglite(options: PlayOptions): Promise<Tally> {
  const pglite = await createEmbeddedDatabase({ migrated: true });
  try {
    await using ground = embeddedGround(pglite);
    return told('PGlite', await play(ground, { ...options, onProgress: progressOf('PGlite') }));
  } finally {
    await pglite.close();
  }
}

function progressOf(where: string): (tally: Tally) => void {
  return ({ cases, differences }) => {
    if (process.stdout.isTTY)
      process.stdout.write(`\r\x1b[K${where}: ${cases} cases, ${differences.length} differences`);
  };
}

function told(where: string, tally: Tally): Tally {
  const { cases, worlds, looks, answers, differences } = tally;
  console.log(
    `\n${where}: ${cases} cases in ${worlds} worlds, all rows compared ${looks} times, ${differences.length} differences`,
  );
  console.log(
    `answers: ${Object.entries(answers)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ')}`,
  );
  for (const one of differences) console.log(`\nDIFFERENCE ${one}`);
  return tally;
}
