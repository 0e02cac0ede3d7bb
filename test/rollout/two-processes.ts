import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { DatabaseServiceOptions, GuardOptions, Side } from '../../src/index.ts';

/** What a process is made of. */
export interface ProcessSetUp {
  readonly urls: Pick<DatabaseServiceOptions, 'direct' | 'session' | 'transaction' | 'service'>;
  readonly flag: { readonly file?: string; readonly table?: string };
  readonly tokens: readonly string[];
  readonly guard: GuardOptions;
}

/** Each message is answered with a report, but for the last one. */
export interface ToProcess {
  /** What the consolidated side does from now on. */
  readonly fault?: 'none' | 'slow' | 'failing';
  /** Counts from nothing behind the report. */
  readonly clear?: boolean;
  readonly reset?: boolean;
  readonly end?: boolean;
}

export interface ProcessReport {
  readonly calls: { [side in Side]: number };
  /** When the last call was sent there, in milliseconds since the epoch. */
  readonly lastAt: { [side in Side]: number };
  writes: number;
  /** Of calls that failed though no fault was planted. */
  readonly failures: string[];
  readonly events: string[];
  readonly killed: boolean;
  readonly percentage: number;
  readonly tripped: string | undefined;
}

/** Two processes with one flag. */
export class TwoProcesses implements AsyncDisposable {
  readonly #children: readonly ChildProcess[];
  /** A process that ended answers no more. */
  readonly #ended = new AbortController();

  constructor(setUp: ProcessSetUp) {
    this.#children = [1, 2].map(() =>
      fork(new URL('./rollout-process.ts', import.meta.url), [JSON.stringify(setUp)], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
      }),
    );
    for (const child of this.#children) child.once('exit', () => this.#ended.abort());
  }

  /** The report of each. */
  ask(message: ToProcess = {}): Promise<ProcessReport[]> {
    return Promise.all(
      this.#children.map(async (child) => {
        const answer = once(child, 'message', { signal: this.#ended.signal });
        child.send(message);
        const [report] = await answer;
        // What the process sends is a report.
        return report as ProcessReport;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, 'exit');
        if (child.connected) child.send({ end: true } satisfies ToProcess);
        await exited;
      }),
    );
  }
}
