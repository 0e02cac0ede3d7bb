import type { CallEvent } from '../../contract/call-event.ts';
import type { Clock } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import type { Call, Layer } from '../call/call.ts';
import type { CallResult } from '../call/ready-statement.ts';

interface Listening {
  readonly onCall: (event: CallEvent) => void;
  readonly onWarning: (message: string) => void;
  readonly clock: Clock;
}

/** Around all other stages, if there is a listener: reports each call when it has ended, with or without an error. */
export function reported<Task>(listening: Listening, next: Layer<Task>): Layer<Task> {
  return async (call) => {
    const startedAt = listening.clock.now();
    let result: CallResult;
    try {
      result = await next(call);
    } catch (error) {
      tell(listening, call, startedAt, 0, error instanceof DatabaseError ? error.code : 'INTERNAL');
      throw error;
    }
    tell(listening, call, startedAt, result.rows, undefined);
    return result;
  };
}

function tell(
  { onCall, onWarning, clock }: Listening,
  { kind, mode, place, actor }: Call<unknown>,
  startedAt: number,
  rows: number,
  errorCode: string | undefined,
): void {
  try {
    onCall({
      kind,
      mode: mode?.name ?? place.inside?.transaction.mode,
      identity: actor?.kind,
      role: actor?.role,
      milliseconds: clock.now() - startedAt,
      rows,
      errorCode,
    });
  } catch (thrown) {
    // A listener must not make a successful call fail.
    onWarning(`onCall threw: ${thrown instanceof Error ? thrown.message : 'no error'}`);
  }
}
