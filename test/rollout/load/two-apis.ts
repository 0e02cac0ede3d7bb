import type { DatabaseServiceOptions, GuardOptions, RolloutEvent } from '../../../src/index.ts';
import { ProcessPair } from '../process-pair.ts';

/** What a process of the API is made of. */
export interface ApiSetUp {
  readonly urls: Pick<DatabaseServiceOptions, 'direct' | 'session' | 'transaction' | 'service'>;
  readonly dataApi: { readonly url: string; readonly key: string };
  readonly flag: { readonly file?: string; readonly table?: string };
  readonly guard: GuardOptions;
}

export interface ToApi {
  /** Whether lists of the consolidated side lack their first row from now on. */
  readonly isWrong?: boolean;
  readonly end?: boolean;
}

export interface ApiReport {
  readonly url: string;
  readonly percentage: number;
  readonly killed: boolean;
  readonly isTripped: boolean;
  /** The flag can be read, and all breakers of the consolidated service are closed. */
  readonly isWell: boolean;
  /** All since the start. */
  readonly events: readonly { readonly at: number; readonly event: RolloutEvent }[];
  /** What was answered with a status from 500, as it is logged. */
  readonly faults: readonly string[];
}

/** Two processes that serve the API with one flag. */
export function twoApis(setUp: ApiSetUp): ProcessPair<ToApi, ApiReport> {
  return new ProcessPair(new URL('./api-process.ts', import.meta.url), setUp);
}
