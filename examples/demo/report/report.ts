import type { StepResult } from '../step-result.ts';

/** How a run is reported. */
export interface Report {
  /** Before the first step: where, with what, and what will be done to it. */
  begin(facts: RunFacts): void;
  step(result: StepResult): void;
  /** Something risky in the configuration, such as a login with too many rights. */
  warning(message: string): void;
  end(ending: RunEnding): void;
}

export interface RunFacts {
  /** `embedded`, or the modes that the URLs reach. */
  readonly modes: readonly string[];
  /** Places and their licence. */
  readonly source: string;
  /** What will be written to a server, and where; undefined for the embedded database. */
  readonly caution: string | undefined;
}

export interface RunEnding {
  readonly results: readonly StepResult[];
  readonly elapsedMs: number;
  readonly ok: boolean;
  readonly interrupted: boolean;
}
