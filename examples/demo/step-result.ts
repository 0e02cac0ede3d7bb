import type { ModeName } from '../../src/index.ts';
import type { StepIdentity } from './step.ts';

/** `ok` and `refused`: as it should be. `failed`: not so, whether it was refused or allowed. */
export type Outcome = 'ok' | 'refused' | 'failed' | 'left out';

/** The error that a refused step met. */
export interface SeenRefusal {
  readonly error: string;
  readonly code: string;
  readonly sqlState: string | undefined;
  readonly reason: string;
}

/** What became of a step. */
export interface StepResult {
  readonly number: number;
  readonly title: string;
  readonly as: StepIdentity;
  /** Modes that the step's calls took, each once; empty when nothing was sent. */
  readonly modes: readonly ModeName[];
  /** The whole step, as its caller waited for it. */
  readonly milliseconds: number;
  /** Undefined unless the step succeeded and rows were its point. */
  readonly rows: number | undefined;
  readonly outcome: Outcome;
  readonly note: string | undefined;
  readonly refusal: SeenRefusal | undefined;
  /** Why it failed or was left out. */
  readonly problem: string | undefined;
}
