import type { BeginOptions, PinnedTransaction } from '../../contract/mode.ts';
import { type Call, known } from '../call/call.ts';
import type { ChooseWay } from '../call/way.ts';

/** Work that needs a connection for itself for longer than one batch. */
export type PinnedWork<T> = (transaction: PinnedTransaction) => Promise<T>;

/** Runs work in the transaction of the call, or in one of its own where it has none. */
export async function pinned<T>(
  call: Call<unknown>,
  chooseWay: ChooseWay,
  begin: Omit<BeginOptions, 'actor'>,
  work: PinnedWork<T>,
): Promise<T> {
  const { transaction } = call.place;
  if (transaction !== undefined) return work(transaction);
  const mode = await chooseWay(call, call.kind, []);
  return mode.withTransaction({ ...begin, actor: known(call.actor) }, call.limits, work);
}

/** The limit that the actor's role carries in the database; 0 when it has none. */
export function roleTimeoutMs(call: Call<unknown>): number {
  return call.place.catalogs.current?.roleTimeoutMs(known(call.actor).role) ?? 0;
}
