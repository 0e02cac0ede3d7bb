import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { DatabaseError } from '../../src/contract/errors.ts';
import type { CallLimits } from '../../src/contract/mode.ts';

/**
 * How a call ended. `lateMs` is how long after its deadline, negative when before; `never`: it had not settled
 * long after that.
 */
export type Settled<T> =
  | { readonly how: 'answered'; readonly value: T; readonly lateMs: number }
  | { readonly how: 'refused'; readonly error: DatabaseError; readonly lateMs: number }
  | { readonly how: 'never' };

/** The promise of the contract is 250 ms; the rest is what a loaded machine with two cores may add. */
export const ALLOWED_LATE_MS = 1_000;
const GIVEN_UP_AFTER_MS = 10_000;

/** Makes a call with limits that end in `ms`, and says how it ended. Throws what is no error of this package. */
export function settle<T>(
  ms: number,
  call: (limits: CallLimits) => Promise<T>,
  more: Partial<CallLimits> = {},
): Promise<Settled<T>> {
  const deadline = performance.now() + ms;
  return settledBy(
    deadline,
    call({ deadline, signal: undefined, maxRows: 1_000, maxBytes: 1 << 20, ...more }),
  );
}

/** Says how a call ended that must do so by `deadline`, on `performance.now()`. */
export async function settledBy<T>(deadline: number, call: Promise<T>): Promise<Settled<T>> {
  const late = () => performance.now() - deadline;
  let givenUp: NodeJS.Timeout | undefined;
  const never = new Promise<Settled<T>>((resolve) => {
    givenUp = setTimeout(() => resolve({ how: 'never' }), GIVEN_UP_AFTER_MS - late());
  });
  const settled = call.then(
    (value): Settled<T> => ({ how: 'answered', value, lateMs: late() }),
    (error: unknown): Settled<T> => {
      if (!(error instanceof DatabaseError)) throw error;
      return { how: 'refused', error, lateMs: late() };
    },
  );
  try {
    return await Promise.race([settled, never]);
  } finally {
    clearTimeout(givenUp);
  }
}

/** The error of a call that must not be answered, settled in time. */
export function refusal(settled: Settled<unknown>): DatabaseError {
  if (settled.how !== 'refused') throw new Error(`The call was to be refused and was ${settled.how}.`);
  expect(settled.lateMs).toBeLessThan(ALLOWED_LATE_MS);
  return settled.error;
}

/** Waits until `holds` is true, and throws what is not so when it never is. For tests that run side by side. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const givenUpAt = performance.now() + GIVEN_UP_AFTER_MS;
  while (!(await holds())) {
    if (performance.now() > givenUpAt) throw new Error(`It never came to pass that ${what}.`);
    await pause(10);
  }
}
