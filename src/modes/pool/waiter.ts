import type { CallTrace } from '../../contract/call-trace.ts';
import type { Clock } from '../../contract/clock.ts';
import type { DatabaseError } from '../../contract/errors.ts';
import { aborted } from '../../contract/failures.ts';
import type { CallLimits } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { Queue } from '../../contract/queue.ts';
import type { WireConnection } from '../wire/wire-connection.ts';
import type { ConnectionWatch } from './connection-watch.ts';
import type { Holder } from './holder.ts';

/** A caller that waits for a connection. */
export interface Waiter {
  /** @param openingSince - when the opening of the connection began, if it was opened just now */
  readonly resolve: (connection: WireConnection, openingSince?: number) => void;
  readonly reject: (error: DatabaseError) => void;
  /** Set where it keeps a connection of the same pool while it waits. */
  readonly holder: Holder | undefined;
  /** On the clock's `now()`. */
  readonly deadline: number;
  /** What it waits to run, by its name, where it may be refused for want of time; undefined for all others. */
  readonly sheddable: string | undefined;
}

interface WaitParts {
  readonly clock: Clock;
  readonly holder: Holder | undefined;
  readonly sheddable: string | undefined;
  readonly outOfTime: () => DatabaseError;
  readonly watch: Pick<ConnectionWatch, 'openingSince'>;
}

/** Stands in the queue until it is served, refused, aborted, or out of time. */
export function waitIn(
  queue: Queue<Waiter>,
  limits: CallLimits,
  { clock, holder, sheddable, outOfTime, watch }: WaitParts,
): Promise<WireConnection> {
  const trace = own(limits, 'trace');
  const since = trace === undefined ? 0 : clock.now();
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
      deadline: limits.deadline,
      sheddable,
      resolve: (connection, openingSince) => {
        settle();
        if (trace !== undefined) addWait(trace, since, clock.now(), openingSince);
        resolve(connection);
      },
      reject: (error) => {
        settle();
        if (trace !== undefined) addWait(trace, since, clock.now(), watch.openingSince);
        reject(error);
      },
    };
    limits.signal?.addEventListener('abort', onAbort);
    const place = queue.add(waiter);
  });
}

/** Until the opening began, it waited for others. */
function addWait(trace: CallTrace, since: number, now: number, openingSince = now): void {
  const from = Math.max(since, openingSince);
  trace.queueMs += from - since;
  trace.connectMs += now - from;
}
