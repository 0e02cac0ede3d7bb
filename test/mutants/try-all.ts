import type { Baseline } from './baseline.ts';
import { type Judges, killedByRuns, killedByUnits, type Verdict } from './mutation-run.ts';
import { inWords, type TriedMutant } from './report.ts';
import type { ResultsFile, Round } from './results-file.ts';
import { fingerprintOf, hashOf, type Task } from './tasks.ts';
import { isUnit } from './test-order.ts';
import type { WorkCopy } from './work-copy.ts';

/** A copy of the project in which texts are changed. */
type Copy = Pick<WorkCopy, 'folder' | 'with'>;

/**
 * Tries all mutants in two rounds: by the tests beside the code and the compiler, which is quick, then what lives by all
 * other tests, unless it is known as equivalent.
 *
 * @param baselineOf - what tests do on unchanged sources; those that are red by themselves are not asked
 */
export async function tryAll(
  tasks: readonly Task[],
  copies: readonly Copy[],
  baselineOf: (files: readonly string[]) => Promise<Baseline>,
  judgesOf: (copy: Copy, costs: ReadonlyMap<string, number>) => Judges,
  results: ResultsFile,
  tell: (line: string) => void,
): Promise<{ tried: TriedMutant[]; red: ReadonlyMap<string, string> }> {
  const verdicts = new Map<Task, Verdict>();
  const red = new Map<string, string>();
  for (const round of ['units', 'others'] as const) {
    const left = tasks.filter(
      (task) => !verdicts.has(task) && (round === 'units' || task.equivalent === undefined),
    );
    const files = [...new Set(left.flatMap(({ tests }) => tests))]
      .filter((file) => isUnit(file) === (round === 'units'))
      .sort();
    const baseline = await baselineOf(files);
    for (const [file, why] of baseline.red) red.set(file, why);
    const queue = left.entries();
    await Promise.all(
      copies.map(async (copy) => {
        // Each copy takes the next one as soon as it is done with one.
        for (const [i, task] of queue) {
          const verdict = await verdictOf(task, round, copy, judgesOf(copy, baseline.green), results);
          if (verdict !== undefined) verdicts.set(task, verdict);
          const words = verdict === undefined ? 'still alive' : inWords(verdict);
          tell(`${round}, ${i + 1} of ${left.length}: ${task.name}: ${words}`);
        }
      }),
    );
  }
  const tried = tasks.map((task) => {
    const { name, guard } = task;
    return { name, guard, verdict: verdicts.get(task) ?? survived(task) };
  });
  return { tried, red };
}

/** Undefined: it lives so far. */
async function verdictOf(
  task: Task,
  round: Round,
  copy: Copy,
  judges: Judges,
  results: ResultsFile,
): Promise<Verdict | undefined> {
  const { name, change } = task;
  if (typeof change === 'string') return { end: 'does not apply', why: change };
  const runs = task.runs(judges.costs)[round];
  const tests = fingerprintOf(copy.folder, runs.flat().sort());
  const tried = { name, round, change: hashOf(change.text), tests };
  let result = results.resultOf(tried);
  if (result === undefined) {
    const killer = await copy.with(change.file, change.text, () =>
      round === 'units' ? killedByUnits(runs, change.mustCompile, judges) : killedByRuns(runs, judges),
    );
    results.addResult(tried, killer);
    result = { killer };
  }
  return result.killer === undefined ? undefined : { end: 'killed', by: result.killer };
}

function survived({ equivalent }: Task): Verdict {
  return equivalent === undefined ? { end: 'survived' } : { end: 'equivalent', reason: equivalent };
}
