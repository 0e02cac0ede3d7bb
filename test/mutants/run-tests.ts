import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stackFolder } from '../../stack/stack-state.ts';
import { type FileRun, firstFailure, readReport } from './test-report.ts';

/** What became of a run of tests. */
export type TestRun =
  | { readonly end: 'green'; readonly files: readonly FileRun[] }
  | {
      readonly end: 'red';
      /** The first test that failed, or what ended the run without one. */
      readonly by: string;
      /** Its file. */
      readonly file: string | undefined;
      readonly files: readonly FileRun[];
    }
  | { readonly end: 'timed out' };

const running = new Set<ChildProcess>();

/** How tests are run: `runTests` in one copy of the project. */
export type RunTests = (files: readonly string[], limitMs: number) => Promise<TestRun>;

/** Runs test files in a copy of the project, unless told otherwise until the first of their tests fails. */
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
  const reported = existsSync(reportFile) ? readReport(readFileSync(reportFile, 'utf8'), folder) : [];
  if (code === 0) return { end: 'green', files: reported };
  const failed = firstFailure(reported);
  const by = failed === undefined ? lastWords(output) : `${failed.file}: ${failed.failure}`;
  return { end: 'red', by, file: failed?.file, files: reported };
}

/** True when the compiler takes the copy as it is. */
export async function compiles(folder: string): Promise<boolean> {
  return (await run(folder, 'tsc', [], 180_000)).code === 0;
}

/** Ends what is running still. */
export function stopTests(): void {
  for (const child of running) kill(child);
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
      // A mutant that loops for ever must not take the memory of the machine along.
      NODE_OPTIONS: '--max-old-space-size=2048',
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
