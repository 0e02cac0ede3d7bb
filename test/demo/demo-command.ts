import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url));

export interface FinishedCommand {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo as a user would, with no settings of the tests' own environment. */
export function runDemoCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<FinishedCommand> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('CDB_DEMO_') && name !== 'NODE_OPTIONS',
  );
  const options = { env: { ...Object.fromEntries(inherited), ...environment }, maxBuffer: 1 << 24 };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...words], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** What `--json` prints, as far as the tests look at it. */
export interface DemoDocument {
  readonly ok: boolean;
  readonly modes: readonly string[];
  readonly source: string;
  readonly counts: {
    readonly ok: number;
    readonly refused: number;
    readonly failed: number;
    readonly leftOut: number;
  };
  readonly warnings: readonly string[];
  readonly steps: readonly {
    readonly title: string;
    readonly outcome: string;
    readonly modes: readonly string[];
    readonly problem?: string;
  }[];
}

export function readDocument(stdout: string): DemoDocument {
  return JSON.parse(stdout);
}

/** Title and problem of each step that failed: empty when all is well. */
export function failuresOf(document: DemoDocument): readonly string[] {
  return document.steps
    .filter((step) => step.outcome === 'failed')
    .map((step) => `${step.title}: ${step.problem}`);
}

/** What this database cannot do, or must not be done to it. */
export function titlesLeftOut(document: DemoDocument): readonly string[] {
  return document.steps.filter((step) => step.outcome === 'left out').map((step) => step.title);
}
