/** As far as vitest's JSON report is read. */
interface Report {
  readonly testResults: readonly FileReport[];
}

interface FileReport {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

/** One test file of a run. */
export interface FileRun {
  readonly file: string;
  readonly ms: number;
  /** The first of its tests that failed, else why it could not be run. */
  readonly failure: string | undefined;
}

/** What the bail of a run cut off counts as failed too, and has no more to say than this. */
const NOT_RUN = 'the file could not be run';

/** @param folder - of the project that was tested */
export function readReport(text: string, folder: string): FileRun[] {
  const { testResults } = JSON.parse(text) as Report;
  return testResults.map((result) => ({
    file: result.name.replace(`${folder}/`, ''),
    ms: result.endTime - result.startTime,
    failure: result.status === 'failed' ? failureOf(result) : undefined,
  }));
}

/** A failed test or a file with an error of its own, before those that were cut off. */
export function firstFailure(runs: readonly FileRun[]): FileRun | undefined {
  const failed = runs.filter(({ failure }) => failure !== undefined);
  return failed.find(({ failure }) => failure !== NOT_RUN) ?? failed[0];
}

function failureOf({ message = '', assertionResults }: FileReport): string {
  const test = assertionResults.find(({ status }) => status === 'failed')?.fullName;
  return test ?? (message.split('\n')[0] || NOT_RUN);
}
