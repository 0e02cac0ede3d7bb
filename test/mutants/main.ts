import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Baseline, believedGreen, takeBaseline } from './baseline.ts';
import { type DrawnMutant, drawMutants } from './drawn-mutants.ts';
import { ImportGraph } from './import-graph.ts';
import type { NamedMutant } from './mutant.ts';
import { judgesOf } from './mutation-run.ts';
import { NAMED_MUTANTS } from './named-mutants.ts';
import { report } from './report.ts';
import { ResultsFile } from './results-file.ts';
import { type RunTests, runTests, stopTests } from './run-tests.ts';
import { taskOfDrawn, taskOfNamed } from './tasks.ts';
import { tryAll } from './try-all.ts';
import { WorkCopy } from './work-copy.ts';

const HELP = `Takes guards out of the source, one by one, and tells which of them no test misses.

  npm run test:mutants                                all named ones, and 100 drawn
  npm run test:mutants -- --named
  npm run test:mutants -- --drawn 20 --seed 7
  npm run test:mutants -- --only 'lost commit'        those with this in their name
  npm run test:mutants -- --drawn 100 --resume .cache/mutants.jsonl

  --parallel N      so many at a time; the number of cores by default
  --resume FILE     keeps what was found out in a file, and does not try again what the file has: a run may be stopped at
                    any time and goes on where it was. What survived is tried again when its tests change.
  --skip-baseline   does not check first that the tests are green as they are
  --json            prints the result as JSON

Exits with 1 if a mutant survived, with 2 if an option is wrong.`;

const root = resolve(import.meta.dirname, '../..');

const { values: options } = parsed({
  options: {
    help: { type: 'boolean', default: false },
    named: { type: 'boolean', default: false },
    drawn: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    parallel: { type: 'string' },
    resume: { type: 'string' },
    // For a look at one mutant: what its tests kill is not worth much where they are red by themselves.
    'skip-baseline': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

function parsed<const Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    return usageError(error instanceof Error ? error.message : String(error));
  }
}

function usageError(message: string): never {
  console.error(`${message}\n\n${HELP}`);
  process.exit(2);
}

/** Everything, unless a part is asked for. How many to draw is read here, before anything is made. */
function chosen(): { named: readonly NamedMutant[]; drawnCount: number } {
  const { only, drawn } = options;
  const drawnCount = drawn === undefined ? undefined : numberOf('drawn', drawn);
  if (only !== undefined) {
    const named = NAMED_MUTANTS.filter(({ name }) => name.includes(only));
    return named.length > 0
      ? { named, drawnCount: 0 }
      : usageError(`No named mutant has '${only}' in its name.`);
  }
  if (options.named) return { named: NAMED_MUTANTS, drawnCount: drawnCount ?? 0 };
  return drawnCount === undefined ? { named: NAMED_MUTANTS, drawnCount: 100 } : { named: [], drawnCount };
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    return usageError(`The option '${name}' must be a whole number of at least 1. It was '${text}'.`);
  }
  return number;
}

async function main(): Promise<number> {
  const parallel =
    options.parallel === undefined ? availableParallelism() : numberOf('parallel', options.parallel);
  const { named, drawnCount } = chosen();
  const first = new WorkCopy(root);
  const copies = [first];
  const dispose = (): void => {
    stopTests();
    for (const copy of copies) copy[Symbol.dispose]();
  };
  const stop = (): void => {
    dispose();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const { folder } = first;
    const drawn: readonly DrawnMutant[] =
      drawnCount === 0 ? [] : drawMutants(folder, drawnCount, options.seed);
    const count = named.length + drawn.length;
    for (let i = 1; i < Math.min(parallel, count); i++) copies.push(new WorkCopy(root));
    const tell = (line: string): void => {
      if (!options.json) console.log(line);
    };
    tell(`${named.length} named mutants, ${drawn.length} drawn with the seed ${options.seed}.`);
    const graph = new ImportGraph(folder);
    const tasks = [
      ...named.map((mutant) => taskOfNamed(folder, mutant)),
      ...drawn.map((mutant) => taskOfDrawn(folder, mutant, graph)),
    ];
    const results = new ResultsFile(options.resume);
    const runToEnd: RunTests = (files, limitMs) => runTests(folder, files, limitMs, false);
    const baselineOf = async (files: readonly string[]): Promise<Baseline> =>
      options['skip-baseline'] ? believedGreen(files) : takeBaseline(files, runToEnd, graph, results);
    const { tried, red } = await tryAll(tasks, copies, baselineOf, judgesOf, results, tell);
    return report(tried, red, { json: options.json, seed: options.seed });
  } finally {
    dispose();
  }
}

if (options.help) console.log(HELP);
else process.exitCode = await main();
