import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AREAS } from './areas.ts';
import type { DrawnMutant } from './drawn-mutants.ts';
import { equivalentOf } from './equivalent.ts';
import type { ImportGraph } from './import-graph.ts';
import { DoesNotApply, mutated, type NamedMutant } from './mutant.ts';
import type { Change } from './mutation-run.ts';
import { isUnit, orderedRuns, type TestRuns, testFilesAt } from './test-order.ts';

/** One mutant to be tried. */
export interface Task {
  readonly name: string;
  /** Of a named mutant. */
  readonly guard: string | undefined;
  /** Why no test can kill it. */
  readonly equivalent: string | undefined;
  /** A text where it cannot be made: why. */
  readonly change: Change | string;
  /** Test files that are to notice. */
  readonly tests: readonly string[];
  /** @param costs - milliseconds of each test file; it is left out if it has none */
  runs(costs: ReadonlyMap<string, number>): TestRuns;
}

/** Takes one guard out: the tests that it names are to notice. */
export function taskOfNamed(folder: string, mutant: NamedMutant): Task {
  const { name, guard, tests } = mutant;
  const there = tests.filter((test) => existsSync(join(folder, test)));
  return {
    name,
    guard,
    equivalent: undefined,
    change: there.length < tests.length ? 'a test that it names is not there' : changeOf(folder, mutant),
    tests: there,
    runs: (costs) => {
      const able = there.filter((test) => costs.has(test));
      const run = (files: readonly string[]): TestRuns['units'] => (files.length === 0 ? [] : [files]);
      return { units: run(able.filter(isUnit)), others: run(able.filter((test) => !isUnit(test))) };
    },
  };
}

/** Makes one small change: the tests of its area are to notice. */
export function taskOfDrawn(folder: string, mutant: DrawnMutant, graph: ImportGraph): Task {
  const { area, file, symbol, change, text } = mutant;
  const places = AREAS.find(({ name }) => name === area)?.tests ?? [];
  const tests = testFilesAt(folder, places).filter((test) => graph.loadedBy(test).has(file));
  return {
    name: `${file} ${symbol}: ${change}`,
    guard: undefined,
    equivalent: equivalentOf(mutant)?.reason,
    change: { file, text, mustCompile: true },
    tests,
    runs: (costs) => orderedRuns(file, tests, graph, costs),
  };
}

/** Of the texts of test files. */
export function fingerprintOf(folder: string, tests: readonly string[]): string {
  return hashOf(tests.map((test) => `${test}\n${readFileSync(join(folder, test), 'utf8')}`).join('\n'));
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function changeOf(folder: string, mutant: NamedMutant): Change | string {
  const { file } = mutant;
  try {
    return { file, text: mutated(readFileSync(join(folder, file), 'utf8'), mutant), mustCompile: false };
  } catch (error) {
    if (error instanceof DoesNotApply) return error.message;
    throw error;
  }
}
