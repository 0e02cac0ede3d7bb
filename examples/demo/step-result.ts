import type { ModeName } from '../../src/index.ts';
import type { StepIdentity } from './step.ts';

/** `ok` and `refused`: as expected. `failed`: not as expected, whether it was refused or allowed. */
export type Outcome = 'ok' | 'refused' | 'failed' | 'left out';

/** The error of a refused step. */
export interface SeenRefusal {
  readonly error: string;
  readonly code: string;
  readonly sqlState: string | undefined;
  readonly reason: string;
}

/** The result of a step. */
export interface StepResult {
  readonly number: number;
  readonly title: string;
  readonly as: StepIdentity;
  /** Modes that the step's calls used, each once; empty when nothing was sent. */
  readonly modes: readonly ModeName[];
  /** Duration of the whole step for its caller. */
  readonly milliseconds: number;
  /** Undefined unless the step succeeded and its result is rows. */
  readonly rows: number | undefined;
  readonly outcome: Outcome;
  readonly note: string | undefined;
  readonly refusal: SeenRefusal | undefined;
  /** Why it failed or was left out. */
  readonly problem: string | undefined;
}
