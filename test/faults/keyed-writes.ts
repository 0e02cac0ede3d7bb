/** Writes with a key: whoever was not told what became of one asks again with the same key. */
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseError } from '../../src/index.ts';
import type { Limits, Scene } from '../support/journal/operation.ts';

const REST_MS = 40;

/** Limits of one attempt, with the key of the operation. */
export type KeyedLimits = Limits & { readonly idempotencyKey: string };

/**
 * Asks until the outcome is known or the time is over. An answer that says nothing of the first attempt leaves its outcome
 * unknown.
 */
export async function askedAgain<T>(scene: Scene, ask: (limits: KeyedLimits) => Promise<T>): Promise<T> {
  const { op, limits } = scene;
  const deadline = performance.now() + limits.timeoutMs;
  let unknown: DatabaseError | undefined;
  for (let timeoutMs = limits.timeoutMs; ; timeoutMs = deadline - performance.now()) {
    try {
      return await ask({ ...limits, timeoutMs: Math.ceil(timeoutMs), idempotencyKey: `operation ${op}` });
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.outcome === 'applied') throw error;
      if (error.outcome === 'not-applied' && unknown === undefined) throw error;
      unknown ??= error;
      if (performance.now() + 2 * REST_MS > deadline) throw unknown;
      await pause(REST_MS);
    }
  }
}
