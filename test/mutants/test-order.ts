import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportGraph } from './import-graph.ts';

/** Runs of test files for one mutant: what one run lets live, the next one sees. */
export interface TestRuns {
  /** Of tests beside the code, which need no server. */
  readonly units: readonly (readonly string[])[];
  readonly others: readonly (readonly string[])[];
}

/** Files that together take no longer go in one run: starting one takes seconds, and a red test ends all of it. */
const LONGEST_SHARED_MS = 15_000;

/** Tests beside the code need no server and hardly any time. */
export function isUnit(file: string): boolean {
  return file.startsWith('src/');
}

/** The test files at some places, each a file or a folder. */
export function testFilesAt(root: string, places: readonly string[]): string[] {
  const files = places.flatMap((place) => {
    if (!statSync(join(root, place)).isDirectory()) return [place];
    return readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(place, name));
  });
  return [...new Set(files)].sort();
}

/**
 * Orders test files by how likely they notice a change of `file`, and how soon: the test beside it, the other unit tests
 * from near to far, then the rest from near to far, of equals the quick ones first. Who does not load `file` is left out.
 *
 * @param costs - milliseconds that each test file takes; it is left out if it has none
 */
export function orderedRuns(
  file: string,
  tests: Iterable<string>,
  graph: Pick<ImportGraph, 'loadedBy'>,
  costs: ReadonlyMap<string, number>,
): TestRuns {
  const able = [...tests]
    .map((test) => ({ test, ms: costs.get(test), distance: graph.loadedBy(test).get(file) }))
    .filter((each): each is Able => each.ms !== undefined && each.distance !== undefined)
    .sort((one, other) => one.distance - other.distance || one.ms - other.ms);
  const beside = file.replace(/\.ts$/, '.test.ts');
  const units = able.filter(({ test }) => isUnit(test) && test !== beside);
  const runs = [
    able.filter(({ test }) => test === beside),
    units.filter(({ distance }) => distance === 1),
    units.filter(({ distance }) => distance > 1),
  ];
  return {
    units: runs.filter((run) => run.length > 0).map(namesOf),
    others: shared(able.filter(({ test }) => !isUnit(test))).map(namesOf),
  };
}

interface Able {
  readonly test: string;
  readonly ms: number;
  readonly distance: number;
}

/** Neighbours share a run as long as they are quick. */
function shared(tests: readonly Able[]): Able[][] {
  const runs: Able[][] = [];
  let takenMs = Number.POSITIVE_INFINITY;
  for (const each of tests) {
    if (takenMs + each.ms > LONGEST_SHARED_MS) {
      runs.push([]);
      takenMs = 0;
    }
    runs.at(-1)?.push(each);
    takenMs += each.ms;
  }
  return runs;
}

function namesOf(run: readonly Able[]): string[] {
  return run.map(({ test }) => test);
}
