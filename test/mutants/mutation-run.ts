import { compiles, type RunTests, runTests } from './run-tests.ts';
import { isUnit, type TestRuns } from './test-order.ts';
import type { WorkCopy } from './work-copy.ts';

/** What became of one mutant. */
export type Verdict =
  | { readonly end: 'killed'; readonly by: string }
  | { readonly end: 'survived' }
  | { readonly end: 'equivalent'; readonly reason: string }
  | { readonly end: 'does not apply'; readonly why: string };

/** A changed source text. */
export interface Change {
  readonly file: string;
  readonly text: string;
  /** One that no compiler takes proves nothing. */
  readonly mustCompile: boolean;
}

/** A run may take so much longer than on unchanged sources before it counts as one that never ends. */
const PATIENCE = 4;
const PATIENCE_MS = 60_000;

/** What a change is tried with. */
export interface Judges {
  readonly run: RunTests;
  readonly compiles: () => Promise<boolean>;
  /** Milliseconds that each test file takes on unchanged sources. */
  readonly costs: ReadonlyMap<string, number>;
}

/** The judges of one copy of the project. */
export function judgesOf({ folder }: Pick<WorkCopy, 'folder'>, costs: ReadonlyMap<string, number>): Judges {
  return {
    run: (files, limitMs) => runTests(folder, files, limitMs),
    compiles: () => compiles(folder),
    costs,
  };
}

/** What kills a change that was made: the first red test beside the code, else the compiler. Undefined: it lives. */
export async function killedByUnits(
  runs: TestRuns['units'],
  mustCompile: boolean,
  judges: Judges,
): Promise<string | undefined> {
  const killer = await killedByRuns(runs, judges);
  // Quicker than tests that need a server.
  return killer ?? (mustCompile && !(await judges.compiles()) ? 'the compiler' : undefined);
}

/** What kills a change that was made: the first red test of these runs. Undefined: it lives. */
export async function killedByRuns(
  runs: readonly (readonly string[])[],
  judges: Judges,
): Promise<string | undefined> {
  for (const files of runs) {
    const killer = await killedBy(files, judges);
    if (killer !== undefined) return killer;
  }
  return undefined;
}

async function killedBy(files: readonly string[], { run, costs }: Judges): Promise<string | undefined> {
  let left = files;
  while (left.length > 0) {
    const found = await run(left, limitOf(left, costs));
    if (found.end === 'timed out') return 'a timeout';
    if (found.end === 'green') return undefined;
    const suspects = found.file === undefined ? left : [found.file];
    if (suspects.every(isUnit)) return found.by;
    // A test with servers and clocks may be red by chance: it must be so again.
    const again = await run(suspects, limitOf(suspects, costs));
    if (again.end !== 'green') return found.by;
    left = left.filter((file) => !suspects.includes(file));
  }
  return undefined;
}

function limitOf(files: readonly string[], costs: ReadonlyMap<string, number>): number {
  return files.reduce((sum, file) => sum + PATIENCE * (costs.get(file) ?? 0), PATIENCE_MS);
}
