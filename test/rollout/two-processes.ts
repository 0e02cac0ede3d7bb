import type { DatabaseServiceOptions, GuardOptions, Side } from '../../src/index.ts';
import { ProcessPair } from './process-pair.ts';

/** What a process is made of. */
export interface ProcessSetUp {
  readonly urls: Pick<DatabaseServiceOptions, 'direct' | 'session' | 'transaction' | 'service'>;
  readonly flag: { readonly file?: string; readonly table?: string };
  readonly tokens: readonly string[];
  readonly guard: GuardOptions;
}

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
export function twoProcesses(setUp: ProcessSetUp): ProcessPair<ToProcess, ProcessReport> {
  return new ProcessPair(new URL('./rollout-process.ts', import.meta.url), setUp);
}
