import { takeBaseline } from './baseline.ts';
import type { ImportGraph } from './import-graph.ts';
import { judgesOf, killedByRuns, killedByUnits, type Verdict } from './mutation-run.ts';
import { inWords, type TriedMutant } from './report.ts';
import type { ResultsFile, Round } from './results-file.ts';
import { type RunTests, runTests } from './run-tests.ts';
import { fingerprintOf, hashOf, type Task } from './tasks.ts';
import { isUnit } from './test-order.ts';
import type { WorkCopy } from './work-copy.ts';

/**
 * Tries all mutants in two rounds: by the tests beside the code and the compiler, which is quick, then what lives by all
 * other tests, unless it is known as equivalent. Tests are run on unchanged sources first; those that are red by
 * themselves are not asked.
 */
export async function tryAll(
  tasks: readonly Task[],
  copies: readonly [WorkCopy, ...WorkCopy[]],
  graph: ImportGraph,
  results: ResultsFile,
  aloud: boolean,
): Promise<{ tried: TriedMutant[]; red: ReadonlyMap<string, string> }> {
  const { folder } = copies[0];
  const runToEnd: RunTests = (files, limitMs) => runTests(folder, files, limitMs, false);
  const verdicts = new Map<Task, Verdict>();
  const red = new Map<string, string>();
  for (const round of ['units', 'others'] as const) {
    const left = tasks.filter(
      (task) => !verdicts.has(task) && (round === 'units' || task.equivalent === undefined),
    );
    const files = [...new Set(left.flatMap(({ tests }) => tests))]
      .filter((file) => isUnit(file) === (round === 'units'))
      .sort();
    const baseline = await takeBaseline(files, runToEnd, graph, results);
    for (const [file, why] of baseline.red) red.set(file, why);
    const queue = left.entries();
    await Promise.all(
      copies.map(async (copy) => {
        // Each copy takes the next one as soon as it is done with one.
        for (const [i, task] of queue) {
          const verdict = await verdictOf(task, round, copy, baseline.green, results);
          if (verdict !== undefined) verdicts.set(task, verdict);
          const words = verdict === undefined ? 'still alive' : inWords(verdict);
          if (aloud) console.log(`${round}, ${i + 1} of ${left.length}: ${task.name}: ${words}`);
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
  copy: WorkCopy,
  costs: ReadonlyMap<string, number>,
  results: ResultsFile,
): Promise<Verdict | undefined> {
  const { name, change } = task;
  if (typeof change === 'string') return { end: 'does not apply', why: change };
  const runs = task.runs(costs)[round];
  const tests = fingerprintOf(copy.folder, runs.flat().sort());
  const tried = { name, round, change: hashOf(change.text), tests };
  let result = results.resultOf(tried);
  if (result === undefined) {
    const judges = judgesOf(copy, costs);
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
