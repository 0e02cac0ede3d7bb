/** What callers do, and what an operation is given. */
import type { DatabaseHandle, ModeName } from '../../../src/index.ts';
import type { Claim } from './verdict.ts';

export interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Of calls outside of transactions; the service chooses where it is undefined. */
  readonly mode?: ModeName | undefined;
}

/** What an operation is given. */
export interface Scene {
  /** Of transactions; the service chooses where it is undefined. */
  readonly mode: ModeName | undefined;
  readonly db: DatabaseHandle;
  /** The same database as the service. */
  readonly service: DatabaseHandle;
  readonly limits: Limits;
  readonly op: number;
  /** Milliseconds for which a statement keeps the server busy. */
  readonly pauseMs: number;
  /** Table of this lane whose columns change. */
  readonly shape: string;
  /** To be changed by what the operation learns while it runs. */
  claim: Claim;
  /** Told at each place where a transaction rests: a token may expire there. */
  readonly rest: (place: 'between statements' | 'before COMMIT') => void;
}

export interface OperationKind {
  readonly name: string;
  readonly claim: Claim;
  /** Needs rows of its own that were there before: `seed` rows of step 0, in `journal` and `journal_keyed`. */
  readonly seeded?: boolean;
  /** Modes in which it cannot be, and why. */
  readonly not?: Partial<Readonly<Record<ModeName, string>>>;
  readonly transactional?: boolean;
  /** Acts as the service, which has no token. */
  readonly asService?: boolean;
  /** The table is changed by its owner between a first run and this one. */
  readonly reshapes?: boolean;
  /** Throws when the answer is not what was written. */
  readonly run: (scene: Scene) => Promise<void>;
}

/** An answer that is not what the database has: nobody may be given that. */
export class WrongAnswer extends Error {
  override readonly name: string = 'WrongAnswer';
}

/** Thrown by the function of a transaction: it must come out as it is. */
export class OwnError extends Error {
  override readonly name = 'OwnError';
}

export function expectSteps(rows: unknown, op: number, steps: readonly number[]): void {
  const seen = Array.isArray(rows) ? (rows as { op: number; step: number }[]) : [rows as never];
  const right =
    seen.length === steps.length && seen.every((row, i) => row?.op === op && row.step === steps[i]);
  if (!right) throw new WrongAnswer(`The answer is not what was asked for: ${JSON.stringify(rows)}`);
}
