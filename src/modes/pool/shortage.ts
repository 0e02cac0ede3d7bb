import { type DatabaseError, OverloadedError } from '../../contract/errors.ts';
import { timedOut } from '../../contract/failures.ts';
import type { PoolStats } from '../../contract/mode.ts';
import type { Queue } from '../../contract/queue.ts';
import type { Holder } from './holder.ts';
import type { Waiter } from './waiter.ts';

const HOLDERS_HINT =
  "Inside a transaction use its own handle (tx). If calls must run outside of it, give the pool more connections ('pools') than there are transactions at once.";

/** For a caller who may not even wait. */
export function queueFull(stats: PoolStats, waiters: Queue<Waiter>): DatabaseError {
  return new OverloadedError(
    `The queue for ${stats.mode} connections is full: ${stats.waiting} callers are waiting (${described(stats, waiters)}).`,
    {
      code: 'QUEUE_FULL',
      hint: `The pool has at most ${stats.max} connections. 'maxWaiting' limits the queue.`,
    },
  );
}

/** For a caller whose time is up, while it still stands in the queue. */
export function waitedInVain(stats: PoolStats, waiters: Queue<Waiter>): DatabaseError {
  const what = `while waiting for a ${stats.mode} connection (${described(stats, waiters)})`;
  return holdersAmong(waiters) === 0 ? timedOut(what) : timedOut(what, HOLDERS_HINT);
}

function described({ size, busy, max }: PoolStats, waiters: Queue<Waiter>): string {
  const holders = holdersAmong(waiters);
  const held = holders === 0 ? '' : `; ${holders} of them held by transactions that wait for another one`;
  return `${busy} of ${size} connections busy, maximum ${max}${held}`;
}

/** Those that would free their connection only if they got another one. */
function holdersAmong(waiters: Queue<Waiter>): number {
  const holders = new Set<Holder>();
  for (const { holder } of waiters.members()) if (holder?.isHolding === true) holders.add(holder);
  return holders.size;
}
