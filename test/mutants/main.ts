/**
 * Takes guards out of the source, one by one, and tells which of them no test misses.
 *
 *   npm run test:mutants
 *   npm run test:mutants -- --named
 *   npm run test:mutants -- --drawn 20 --seed 7
 *   npm run test:mutants -- --only 'lost commit'
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type DrawnMutant, drawMutants } from './drawn-mutants.ts';
import type { NamedMutant } from './mutant.ts';
import { testsNeeded, tryDrawn, tryNamed, type Verdict } from './mutation-run.ts';
import { NAMED_MUTANTS } from './named-mutants.ts';
import { Progress, report, type Tried } from './report.ts';
import { runTests, stopTests } from './run-tests.ts';
import { WorkCopy } from './work-copy.ts';

const root = resolve(import.meta.dirname, '../..');
const BASELINE_TIMEOUT_MS = 900_000;

const { values: options } = parseArgs({
  options: {
    named: { type: 'boolean', default: false },
    drawn: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    parallel: { type: 'string' },
    'skip-baseline': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** Everything, unless a part is asked for. */
function chosen(): { named: readonly NamedMutant[]; drawn: readonly DrawnMutant[] } {
  const { only, drawn, seed } = options;
  const draw = (count: number): DrawnMutant[] => drawMutants(root, count, seed);
  if (only !== undefined)
    return { named: NAMED_MUTANTS.filter(({ name }) => name.includes(only)), drawn: [] };
  if (options.named)
    return { named: NAMED_MUTANTS, drawn: drawn === undefined ? [] : draw(numberOf('drawn', drawn)) };
  if (drawn !== undefined) return { named: [], drawn: draw(numberOf('drawn', drawn)) };
  return { named: NAMED_MUTANTS, drawn: draw(100) };
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new Error(`The option '${name}' must be a whole number of at least 1. It was '${text}'.`);
  }
  return number;
}

async function main(): Promise<number> {
  const { named, drawn } = chosen();
  if (named.length + drawn.length === 0) throw new Error(`No mutant has '${options.only}' in its name.`);
  const parallel =
    options.parallel === undefined ? availableParallelism() : numberOf('parallel', options.parallel);
  const copies = Array.from(
    { length: Math.min(parallel, named.length + drawn.length) },
    () => new WorkCopy(root),
  );
  const dispose = (): void => {
    stopTests();
    for (const copy of copies) copy[Symbol.dispose]();
  };
  process.once('SIGINT', () => {
    dispose();
    process.exit(130);
  });
  try {
    if (!options.json) {
      console.log(`${named.length} named mutants, ${drawn.length} drawn with the seed ${options.seed}.`);
    }
    if (!options['skip-baseline'] && !(await isGreen(copies[0] as WorkCopy, named, drawn))) return 2;
    const tried = await tryAll(copies, [
      ...named.map((mutant) => ({
        name: mutant.name,
        mutant,
        run: (copy: WorkCopy) => tryNamed(copy, mutant),
      })),
      ...drawn.map((mutant) => ({
        name: `${mutant.file} ${mutant.symbol}: ${mutant.change}`,
        mutant,
        run: (copy: WorkCopy) => tryDrawn(copy, mutant),
      })),
    ]);
    return report(tried, { json: options.json, seed: options.seed });
  } finally {
    dispose();
  }
}

/** Where tests fail by themselves, what they kill proves nothing. */
async function isGreen(
  copy: WorkCopy,
  named: readonly NamedMutant[],
  drawn: readonly DrawnMutant[],
): Promise<boolean> {
  const before = await runTests(copy.folder, testsNeeded(named, drawn), BASELINE_TIMEOUT_MS);
  if (before.end === 'green') return true;
  const what = before.end === 'red' ? before.by : 'they did not end in time';
  console.error(`Tests fail though nothing was changed: ${what}`);
  return false;
}

interface Task {
  readonly name: string;
  readonly mutant: NamedMutant | DrawnMutant;
  readonly run: (copy: WorkCopy) => Promise<Verdict>;
}

/** Each copy takes the next task as soon as it is done with one. */
async function tryAll(copies: readonly WorkCopy[], tasks: readonly Task[]): Promise<Tried[]> {
  const progress = new Progress(tasks.length, !options.json);
  const tried: Tried[] = [];
  const queue = tasks.entries();
  await Promise.all(
    copies.map(async (copy) => {
      for (const [i, { name, mutant, run }] of queue) {
        const verdict = await run(copy);
        tried[i] = { name, guard: 'guard' in mutant ? mutant.guard : undefined, verdict };
        progress.tell(tried[i]);
      }
    }),
  );
  return tried;
}

process.exitCode = await main();
