import type { Clock } from '../../contract/clock.ts';
import type { DatabaseError } from '../../contract/errors.ts';
import { aborted } from '../../contract/failures.ts';
import type { CallLimits } from '../../contract/mode.ts';
import type { Queue } from '../../contract/queue.ts';
import type { WireConnection } from '../wire/wire-connection.ts';
import type { Holder } from './holder.ts';

/** A caller that waits for a connection. */
export interface Waiter {
  readonly resolve: (connection: WireConnection) => void;
  readonly reject: (error: DatabaseError) => void;
  /** Set where it keeps a connection of the same pool while it waits. */
  readonly holder: Holder | undefined;
}

/** Stands in the queue until it is served, refused, aborted, or out of time. */
export function waitIn(
  queue: Queue<Waiter>,
  limits: CallLimits,
  clock: Clock,
  holder: Holder | undefined,
  outOfTime: () => DatabaseError,
): Promise<WireConnection> {
  return new Promise((resolve, reject) => {
    const timer = clock.expireAt(limits.deadline, () => waiter.reject(outOfTime()));
    const onAbort = (): void =>
      waiter.reject(aborted(limits.signal as AbortSignal, 'while it waited for a connection'));
    const settle = (): void => {
      queue.remove(place);
      timer.cancel();
      limits.signal?.removeEventListener('abort', onAbort);
    };
    const waiter: Waiter = {
      holder,
      resolve: (connection) => {
        settle();
        resolve(connection);
      },
      reject: (error) => {
        settle();
        reject(error);
      },
    };
    limits.signal?.addEventListener('abort', onAbort);
    const place = queue.add(waiter);
  });
}
