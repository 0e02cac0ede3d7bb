import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const main = resolve(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

export interface CdbRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command from source, with nothing of this process's environment but PATH and what is given. */
export function runCdb(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CdbRun> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [main, ...args],
      { env: { PATH: process.env.PATH, ...environment } },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}
