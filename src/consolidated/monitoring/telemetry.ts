import type { CallEvent } from '../../contract/call-event.ts';
import type { Clock } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import type { Call } from '../call/call.ts';
import type { CallResult } from '../call/ready-statement.ts';
import type { CallListener } from './parted.ts';

/**
 * Reports each call when it has ended, with or without an error. It is called around all stages, not wrapped around them, so
 * that it costs no promise.
 */
export class Telemetry {
  readonly #listener: CallListener;
  readonly #clock: Clock;

  constructor(listener: CallListener, clock: Clock) {
    this.#listener = listener;
    this.#clock = clock;
  }

  /** @returns when, for the end */
  begin(call: Call<unknown>): number {
    call.trace = { queueMs: 0, connectMs: 0, serverMs: 0 };
    return this.#clock.now();
  }

  answered(call: Call<unknown>, beganAt: number, { rows }: CallResult): void {
    this.#tell(call, beganAt, rows, ANSWERED);
  }

  /** @param error - before it is explained to the caller */
  failed(call: Call<unknown>, beganAt: number, error: unknown): void {
    this.#tell(call, beganAt, 0, failureOf(call, error));
  }

  #tell(call: Call<unknown>, beganAt: number, rows: number, ending: Ending): void {
    const event = eventOf(call, this.#clock.now() - beganAt, rows, ending);
    this.#listener(event, call.ready?.statements ?? NONE);
  }
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

function eventOf(
  call: Call<unknown>,
  milliseconds: number,
  rows: number,
  { outcome, errorCode, errorClass }: Ending,
): CallEvent {
  const { kind, mode, place, actor, ready, recalled, options, trace, attempts } = call;
  return {
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
  };
}

const NONE: readonly never[] = [];
