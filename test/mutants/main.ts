/**
 * Takes guards out of the source, one by one, and tells which of them no test misses.
 *
 *   npm run test:mutants
 *   npm run test:mutants -- --named
 *   npm run test:mutants -- --drawn 20 --seed 7
 *   npm run test:mutants -- --only 'lost commit'
 *   npm run test:mutants -- --drawn 100 --resume .cache/mutants.jsonl
 *
 * With `--resume` the file keeps what was found out, and what it has is not tried again: a run may be stopped at any
 * time and goes on where it was. What survived is tried again when its tests change.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
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

const root = resolve(import.meta.dirname, '../..');

const { values: options } = parseArgs({
  options: {
    named: { type: 'boolean', default: false },
    drawn: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    parallel: { type: 'string' },
    resume: { type: 'string' },
    /** For a look at one mutant: what its tests kill is not worth much where they are red by themselves. */
    'skip-baseline': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** Everything, unless a part is asked for. */
function chosen(folder: string): { named: readonly NamedMutant[]; drawn: readonly DrawnMutant[] } {
  const { only, drawn, seed } = options;
  const draw = (count: number): DrawnMutant[] => drawMutants(folder, count, seed);
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
  const parallel =
    options.parallel === undefined ? availableParallelism() : numberOf('parallel', options.parallel);
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
    const { named, drawn } = chosen(folder);
    const count = named.length + drawn.length;
    if (count === 0) throw new Error(`No mutant has '${options.only}' in its name.`);
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

process.exitCode = await main();
