import { type DatabaseError, OverloadedError } from '../../contract/errors.ts';
import { timedOut } from '../../contract/failures.ts';
import type { PoolStats } from '../../contract/mode.ts';
import type { Queue } from '../../contract/queue.ts';
import { unanswered } from '../wire/unanswered.ts';
import type { Holder } from './holder.ts';
import type { Waiter } from './waiter.ts';

const HOLDERS_HINT =
  "Inside a transaction use its own handle (tx). If calls must run outside of it, give the pool more connections ('pools') than there are transactions at once.";

/**
 * For a caller who may not even wait.
 *
 * @param intervalMs from one caller who leaves the queue to the next; 0 where it is not known
 */
export function queueFull(stats: PoolStats, waiters: Queue<Waiter>, intervalMs: number): DatabaseError {
  return new OverloadedError(
    `The queue for ${stats.mode} connections is full: ${stats.waiting} callers are waiting (${described(stats, waiters)}).`,
    {
      code: 'QUEUE_FULL',
      hint: `The pool has at most ${stats.max} connections. 'maxWaiting' limits the queue.`,
      // Half of the queue: who comes back to the first free place meets all the others there.
      retryAfterMs: intervalMs === 0 ? undefined : Math.ceil((intervalMs * stats.waiting) / 2),
    },
  );
}

/**
 * For a caller whose turn has come, but whose time is too short for what it would start.
 *
 * @param leastMs what that takes
 */
export function tooLateToStart(
  stats: PoolStats,
  leftMs: number,
  leastMs: number,
  intervalMs: number,
): DatabaseError {
  return new OverloadedError(
    `The call waited for a ${stats.mode} connection until too little time was left: ${Math.floor(leftMs)} ms, and its statement takes at least ${Math.ceil(leastMs)} ms.`,
    {
      retryAfterMs: Math.max(1, Math.ceil((intervalMs * stats.waiting) / 2)),
      hint: "Call again later, raise 'timeoutMs', or give the pool more connections.",
    },
  );
}

/** For a caller whose time is up, while it still stands in the queue. */
export function waitedInVain(stats: PoolStats, waiters: Queue<Waiter>): DatabaseError {
  const what = `while waiting for a ${stats.mode} connection (${described(stats, waiters)})`;
  const failure = holdersAmong(waiters) === 0 ? timedOut(what) : timedOut(what, HOLDERS_HINT);
  // Without a single connection it was not the others that it waited for.
  return stats.size === 0 ? unanswered(failure) : failure;
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
