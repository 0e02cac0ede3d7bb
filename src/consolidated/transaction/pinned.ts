import type { BeginOptions, PinnedTransaction } from '../../contract/mode.ts';
import { type Call, known } from '../call/call.ts';
import type { Router } from '../call/router.ts';

/** Runs work in the transaction of the call, or in a new one if it has none. */
export function pinned<T>(
  call: Call<unknown>,
  router: Router,
  begin: Omit<BeginOptions, 'actor'>,
  work: (transaction: PinnedTransaction) => Promise<T>,
): Promise<T> {
  const { inside } = call.place;
  if (inside === undefined) return router.withTransaction(call, begin, work);
  call.attempts = 1;
  return work(inside.transaction);
}

/** The statement timeout of the actor's role in the database; 0 if it has none. */
export function roleTimeoutMs(call: Call<unknown>): number {
  return call.place.catalogs.current?.roleTimeoutMs(known(call.actor).role) ?? 0;
}
