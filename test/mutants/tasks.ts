import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AREAS } from './areas.ts';
import type { Baseline } from './baseline.ts';
import type { DrawnMutant } from './drawn-mutants.ts';
import { equivalentOf } from './equivalent.ts';
import type { ImportGraph } from './import-graph.ts';
import { DoesNotApply, mutated, type NamedMutant } from './mutant.ts';
import type { Trial } from './mutation-run.ts';
import { isUnit, orderedRuns, testFilesAt } from './test-order.ts';

/** One mutant to be tried. */
export interface Task {
  readonly name: string;
  /** Of a named mutant. */
  readonly guard: string | undefined;
  /** Why no test can kill it. */
  readonly equivalent: string | undefined;
  /** A text where it cannot be tried: why. */
  readonly trial: Trial | string;
}

/** The test files that mutants need green before anything is changed. */
export function testsNeeded(
  folder: string,
  graph: ImportGraph,
  named: readonly NamedMutant[],
  drawn: readonly DrawnMutant[],
): string[] {
  const ofNamed = named.flatMap(({ tests }) => tests).filter((file) => existsSync(join(folder, file)));
  const ofDrawn = drawn.flatMap(({ area, file }) =>
    testsOf(folder, area).filter((test) => graph.loadedBy(test).has(file)),
  );
  return [...new Set([...ofNamed, ...ofDrawn])].sort();
}

/** Takes one guard out: the tests that it names are to notice, the quick ones first. */
export function taskOfNamed(folder: string, mutant: NamedMutant, baseline: Baseline): Task {
  const { name, guard, file } = mutant;
  return { name, guard, equivalent: undefined, trial: trialOrWhy() };

  function trialOrWhy(): Trial | string {
    const missing = mutant.tests.find((test) => !existsSync(join(folder, test)));
    if (missing !== undefined) return `there is no ${missing}`;
    const able = mutant.tests.filter((test) => baseline.green.has(test));
    if (able.length === 0) return 'its tests are red by themselves';
    const runs = [able.filter(isUnit), able.filter((test) => !isUnit(test))];
    const [units, others] = runs.map((run) => (run.length === 0 ? [] : [run])) as [string[][], string[][]];
    try {
      const text = mutated(readFileSync(join(folder, file), 'utf8'), mutant);
      return { file, text, units, others, mustCompile: false };
    } catch (error) {
      if (error instanceof DoesNotApply) return error.message;
      throw error;
    }
  }
}

/** Makes one small change: the tests of its area are to notice. */
export function taskOfDrawn(
  folder: string,
  mutant: DrawnMutant,
  graph: ImportGraph,
  baseline: Baseline,
): Task {
  const { area, file, symbol, change, text } = mutant;
  const runs = orderedRuns(file, testsOf(folder, area), graph, baseline.green);
  return {
    name: `${file} ${symbol}: ${change}`,
    guard: undefined,
    equivalent: equivalentOf(mutant)?.reason,
    trial: { file, text, ...runs, mustCompile: true },
  };
}

/** What a verdict depends on: the changed text, and the tests. */
export function fingerprintsOf(folder: string, trial: Trial): { change: string; tests: string } {
  const tests = [...trial.units, ...trial.others].flat().sort();
  const texts = tests.map((test) => `${test}\n${readFileSync(join(folder, test), 'utf8')}`);
  return { change: hashOf(trial.text), tests: hashOf(texts.join('\n')) };
}

function testsOf(folder: string, area: DrawnMutant['area']): string[] {
  return testFilesAt(folder, AREAS.find(({ name }) => name === area)?.tests ?? []);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
