import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stackFolder } from '../../stack/stack-state.ts';

/** What became of a run of tests. */
export type TestRun =
  | { readonly end: 'green'; readonly tests: number }
  /** @property by - the first test that failed, or what ended the run without one */
  | { readonly end: 'red'; readonly by: string }
  | { readonly end: 'timed out' };

/** As far as vitest's JSON report is read. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const running = new Set<ChildProcess>();

/** Runs test files in a copy of the project until the first of their tests fails. */
export async function runTests(
  folder: string,
  files: readonly string[],
  timeoutMs: number,
  stopAtFirst = true,
): Promise<TestRun> {
  const reportFile = join(folder, 'test-report.json');
  rmSync(reportFile, { force: true });
  const bail = stopAtFirst ? ['--bail', '1'] : [];
  // One worker for many files: to begin a new one for each takes most of the time.
  const args = [
    'run',
    ...files,
    ...bail,
    '--no-isolate',
    '--reporter=json',
    '--outputFile',
    reportFile,
    '--reporter=dot',
  ];
  const { code, output } = await run(folder, 'vitest', args, timeoutMs);
  if (code === 'timed out') return { end: 'timed out' };
  const report = existsSync(reportFile)
    ? (JSON.parse(readFileSync(reportFile, 'utf8')) as Report)
    : { testResults: [] };
  const passed = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'passed'),
  );
  if (code === 0) return { end: 'green', tests: passed.length };
  return { end: 'red', by: firstFailure(report, folder) ?? lastWords(output) };
}

/** True when the compiler takes the copy as it is. */
export async function compiles(folder: string): Promise<boolean> {
  return (await run(folder, 'tsc', [], 180_000)).code === 0;
}

/** Ends what is running still. */
export function stopTests(): void {
  for (const child of running) kill(child);
}

/** A failed test, else a file that could not be run: those that the bail cut off count as failed too. */
function firstFailure({ testResults }: Report, folder: string): string | undefined {
  const files = testResults
    .filter(({ status }) => status === 'failed')
    .map(({ name, message = '', assertionResults }) => ({
      file: name.replace(`${folder}/`, ''),
      message: message.split('\n')[0] ?? '',
      test: assertionResults.find(({ status }) => status === 'failed')?.fullName,
    }));
  const found =
    files.find(({ test }) => test !== undefined) ?? files.find(({ message }) => message !== '') ?? files[0];
  return found && `${found.file}: ${found.test ?? (found.message || 'the file could not be run')}`;
}

function lastWords(output: string): string {
  const error = /^.*Error.*$/m.exec(output)?.[0] ?? output.trim().split('\n').at(-1) ?? '';
  return `outside of any test: ${error.trim()}`;
}

function run(
  folder: string,
  command: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<{ code: number | null | 'timed out'; output: string }> {
  const child = spawn(join(folder, 'node_modules/.bin', command), args, {
    cwd: folder,
    // A group of its own: what it starts ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${join(folder, 'node_modules/.bin')}:${process.env.PATH ?? ''}`,
      CDB_STACK_DIR: stackFolder(process.env).path,
      // A guard that only the full stack shows would count as one that nothing guards.
      CDB_REQUIRE_FULL_STACK: '1',
    },
  });
  running.add(child);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-100_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      kill(child);
    }, timeoutMs);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code: timedOut ? 'timed out' : code, output });
    });
  });
}

function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
