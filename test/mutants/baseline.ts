import type { ImportGraph } from './import-graph.ts';
import type { ResultsFile } from './results-file.ts';
import type { RunTests } from './run-tests.ts';
import { isUnit } from './test-order.ts';
import type { FileRun } from './test-report.ts';

/** What test files do while nothing is changed. */
export interface Baseline {
  /** Milliseconds that each green one takes. */
  readonly green: ReadonlyMap<string, number>;
  /** Those that are red by themselves, and why: what they kill would prove nothing. */
  readonly red: ReadonlyMap<string, string>;
}

const TIMEOUT_MS = 900_000;

/**
 * Runs each test file on unchanged sources: those beside the code together, as they run later too, the others one by one.
 * What is red gets a second chance in the same company.
 */
export async function takeBaseline(
  files: readonly string[],
  run: RunTests,
  graph: Pick<ImportGraph, 'fingerprint'>,
  results: ResultsFile,
): Promise<Baseline> {
  const green = new Map<string, number>();
  const red = new Map<string, string>();
  const sources = new Map(files.map((file) => [file, graph.fingerprint(file)]));
  for (const [file, fingerprint] of sources) {
    const ms = results.greenMs(file, fingerprint);
    if (ms !== undefined) green.set(file, ms);
  }
  const note = (runs: readonly FileRun[]): void => {
    for (const { file, ms, failure } of runs) {
      if (failure !== undefined) red.set(file, failure);
      else {
        red.delete(file);
        green.set(file, ms);
        results.addGreen(file, sources.get(file) ?? '', ms);
      }
    }
  };
  const unknown = files.filter((file) => !green.has(file));
  const units = unknown.filter(isUnit);
  const others = unknown.filter((file) => !isUnit(file));
  for (const together of [units, ...others.map((file) => [file])]) {
    note(await filesOf(together, run));
    if (together.some((file) => red.has(file))) note(await filesOf(together, run));
  }
  return { green, red };
}

/** For who does not want to wait. Nobody knows how long they take. */
export function believedGreen(files: readonly string[]): Baseline {
  return { green: new Map(files.map((file) => [file, 0])), red: new Map() };
}

/** Every file of the run; one that the report does not have is red. */
async function filesOf(files: readonly string[], run: RunTests): Promise<FileRun[]> {
  if (files.length === 0) return [];
  const found = await run(files, TIMEOUT_MS);
  const reported = found.end === 'timed out' ? [] : found.files;
  const why = found.end === 'red' ? found.by : 'it did not end in time';
  return files.map((file) => reported.find((each) => each.file === file) ?? { file, ms: 0, failure: why });
}
