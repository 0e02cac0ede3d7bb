import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AREAS } from './areas.ts';
import type { DrawnMutant } from './drawn-mutants.ts';
import { EQUIVALENT, type Equivalent } from './equivalent.ts';
import { DoesNotApply, mutated, type NamedMutant } from './mutant.ts';
import { compiles, runTests } from './run-tests.ts';
import type { WorkCopy } from './work-copy.ts';

/** What became of one mutant. */
export type Verdict =
  | { readonly end: 'killed'; readonly by: string }
  | { readonly end: 'killed'; readonly by: 'a timeout' | 'the compiler' }
  | { readonly end: 'survived' }
  | { readonly end: 'equivalent'; readonly reason: string }
  | { readonly end: 'does not apply'; readonly why: string };

const TIMEOUT_MS = 240_000;

/** Takes one guard out, and runs the tests that are to notice. */
export async function tryNamed(copy: WorkCopy, mutant: NamedMutant): Promise<Verdict> {
  const missing = mutant.tests.find((file) => !existsSync(join(copy.folder, file)));
  if (missing !== undefined) return { end: 'does not apply', why: `there is no ${missing}` };
  let text: string;
  try {
    text = mutated(readFileSync(join(copy.folder, mutant.file), 'utf8'), mutant);
  } catch (error) {
    if (error instanceof DoesNotApply) return { end: 'does not apply', why: error.message };
    throw error;
  }
  return copy.with(mutant.file, text, () => killedBy(copy.folder, [mutant.tests]));
}

/**
 * Makes one small change, and runs the tests beside it, then those of its area. What survives must compile, or it
 * proves nothing.
 */
export async function tryDrawn(copy: WorkCopy, mutant: DrawnMutant): Promise<Verdict> {
  const { tests } = AREAS.find(({ name }) => name === mutant.area) as (typeof AREAS)[number];
  return copy.with(mutant.file, mutant.text, async () => {
    const beside = mutant.file.replace(/\.ts$/, '.test.ts');
    const own = existsSync(join(copy.folder, beside)) ? [[beside]] : [];
    const verdict = await killedBy(copy.folder, [...own, ...tests]);
    if (verdict.end !== 'survived') return verdict;
    const equivalent = equivalentOf(mutant);
    if (equivalent !== undefined) return { end: 'equivalent', reason: equivalent.reason };
    return (await compiles(copy.folder)) ? verdict : { end: 'killed', by: 'the compiler' };
  });
}

/** Test files, or folders of them, that the mutants need green before anything is changed. */
export function testsNeeded(named: readonly NamedMutant[], drawn: readonly DrawnMutant[]): string[] {
  const areas = AREAS.filter(({ name }) => drawn.some(({ area }) => area === name));
  return [
    ...new Set([...named.flatMap(({ tests }) => tests), ...areas.flatMap(({ tests }) => tests.flat())]),
  ];
}

async function killedBy(folder: string, runs: readonly (readonly string[])[]): Promise<Verdict> {
  for (const files of runs) {
    const run = await runTests(folder, files, TIMEOUT_MS);
    if (run.end === 'timed out') return { end: 'killed', by: 'a timeout' };
    if (run.end === 'red') return { end: 'killed', by: run.by };
  }
  return { end: 'survived' };
}

function equivalentOf({ file, symbol, change }: DrawnMutant): Equivalent | undefined {
  return EQUIVALENT.find((one) => one.file === file && one.symbol === symbol && one.change === change);
}
