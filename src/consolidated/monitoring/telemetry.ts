import type { CallEvent } from '../../contract/call-event.ts';
import type { Clock } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import type { Call, Layer } from '../call/call.ts';
import type { CallResult } from '../call/ready-statement.ts';
import type { CallListener } from './parted.ts';

/** Around all other stages, if there is a listener: reports each call when it has ended, with or without an error. */
export function reported<Task>(listener: CallListener, clock: Clock, next: Layer<Task>): Layer<Task> {
  return async (call) => {
    call.trace = { queueMs: 0, connectMs: 0, serverMs: 0 };
    const startedAt = clock.now();
    let result: CallResult;
    try {
      result = await next(call);
    } catch (error) {
      tell(listener, call, clock.now() - startedAt, 0, failureOf(call, error));
      throw error;
    }
    tell(listener, call, clock.now() - startedAt, result.rows, ANSWERED);
    return result;
  };
}

type Ending = Pick<CallEvent, 'outcome' | 'errorCode' | 'errorClass'>;

const ANSWERED: Ending = { outcome: 'answered', errorCode: undefined, errorClass: undefined };
/** Of the caller's own code: a transaction that it ended by this was rolled back. */
const THROWN: Ending = { outcome: 'not-applied', errorCode: 'THROWN', errorClass: 'Error' };
/** As it is explained to the caller. */
const INTERNAL: Ending = { outcome: 'not-applied', errorCode: 'INTERNAL', errorClass: 'ServiceError' };

function failureOf({ thrown }: Call<unknown>, error: unknown): Ending {
  if (error instanceof DatabaseError) {
    return { outcome: error.outcome, errorCode: error.code, errorClass: error.name };
  }
  return thrown?.error === error && thrown !== undefined ? THROWN : INTERNAL;
}

function tell(
  listener: CallListener,
  call: Call<unknown>,
  milliseconds: number,
  rows: number,
  { outcome, errorCode, errorClass }: Ending,
): void {
  const { kind, mode, place, actor, ready, recalled, options, trace, attempts } = call;
  listener(
    {
      kind,
      mode: mode?.name ?? place.inside?.transaction.mode,
      identity: actor?.kind,
      role: actor?.role,
      target: ready === undefined ? recalled?.target : ready.target,
      label: typeof options?.label === 'string' ? options.label : undefined,
      milliseconds,
      queueMs: trace?.queueMs ?? 0,
      connectMs: trace?.connectMs ?? 0,
      serverMs: trace?.serverMs ?? 0,
      attempts,
      rows,
      cache: call.cached,
      outcome,
      errorCode,
      errorClass,
    },
    ready?.statements ?? NONE,
  );
}

const NONE: readonly never[] = [];
