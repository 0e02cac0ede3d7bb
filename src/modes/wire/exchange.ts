import type { CallTrace } from '../../contract/call-trace.ts';
import type { Clock, Timer } from '../../contract/clock.ts';
import type { DatabaseError } from '../../contract/errors.ts';
import { abortedInFlight, connectionLost, timedOutInFlight } from '../../contract/failures.ts';
import { keepShape, unused } from '../../contract/kept-shapes.ts';
import type { CallLimits } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { BackendMessage } from './messages.ts';
import { type ReplyEnd, ReplyMachine } from './reply-machine.ts';
import { failureOfClosed } from './server-errors.ts';
import type { Step } from './steps.ts';
import { unanswered } from './unanswered.ts';

/** Time for the server's own timeout to arrive before a cancel is sent. */
const CANCEL_GRACE_MS = 100;
/** From the cancel to the time when the call settles, with or without a reply. */
const SETTLE_AFTER_CANCEL_MS = 100;
/** From the cancel to the time when a connection that does not answer is destroyed. */
const DESTROY_AFTER_CANCEL_MS = 1_000;

export interface ExchangeRequest {
  readonly bytes: Buffer;
  readonly steps: readonly Step[];
  readonly nonce: string;
  readonly access: 'read' | 'write';
  readonly limits: CallLimits;
  /** The bytes contain no set-up, inside a transaction: there is no nonce to confirm. */
  readonly withoutNonce?: boolean;
  /** The statement may have committed before it failed. */
  readonly mayCommit?: boolean | undefined;
}

interface ExchangeControls {
  readonly cancel: (() => Promise<void>) | undefined;
  destroy(error: DatabaseError): void;
}

/**
 * One running batch: what was sent, what came back, and by when the call must settle.
 *
 * The promise settles no later than 200 ms after the deadline, whatever the network does. The exchange
 * itself may last longer: until ReadyForQuery comes, or the connection is destroyed a second after the
 * cancel, the connection serves no other call.
 *
 * Why cancel before destroy: if a connection is closed during a write, that write may still commit. An
 * answered cancel proves that nothing was applied.
 */
export class Exchange {
  readonly promise: Promise<ReplyEnd>;
  readonly access: 'read' | 'write';
  readonly steps: readonly Step[];
  readonly maxBytes: number;

  readonly #machine: ReplyMachine;
  readonly #clock: Clock;
  readonly #controls: ExchangeControls;
  readonly signal: AbortSignal | undefined;
  readonly #onAbort: (() => void) | undefined;
  #resolve!: (end: ReplyEnd) => void;
  #reject!: (error: DatabaseError) => void;
  #timer: Timer | undefined;
  readonly #trace: CallTrace | undefined;
  readonly #startedAt: number;
  #settled = false;
  #over = false;
  readonly #withoutNonce: boolean;
  readonly #mayCommit: boolean;
  #cancelled: 'timeout' | 'aborted' | undefined;

  constructor(request: ExchangeRequest, clock: Clock, controls: ExchangeControls) {
    this.access = request.access;
    this.steps = request.steps;
    this.#withoutNonce = own(request, 'withoutNonce') ?? false;
    this.#mayCommit = own(request, 'mayCommit') ?? false;
    this.maxBytes = request.limits.maxBytes;
    this.#machine = new ReplyMachine(request.steps, request.nonce, request.limits.maxRows);
    this.#clock = clock;
    this.#controls = controls;
    this.signal = request.limits.signal;
    this.#trace = own(request.limits, 'trace');
    this.#startedAt = this.#trace === undefined ? 0 : clock.now();
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (this.signal !== undefined) {
      this.#onAbort = () => this.#stop('aborted');
      this.signal.addEventListener('abort', this.#onAbort);
    }
    const grace = controls.cancel === undefined ? 0 : CANCEL_GRACE_MS;
    this.#timer = clock.expireAt(request.limits.deadline + grace, () => this.#stop('timeout'));
  }

  /** Why a cancel was sent: it may reach the server when the connection does something else. */
  get cancelled(): 'timeout' | 'aborted' | undefined {
    return this.#controls.cancel === undefined ? undefined : this.#cancelled;
  }

  /** Throws on replies that do not belong here. */
  accept(message: BackendMessage): ReplyEnd | undefined {
    return this.#machine.accept(message);
  }

  /** ReadyForQuery came. */
  finish(end: ReplyEnd): void {
    this.#end();
    if (!this.#settle()) return;
    // What follows a COMMIT may be cancelled; the COMMIT has been answered by then.
    if (this.#cancelled !== undefined && end.error?.code === '57014' && end.commitTag === undefined) {
      const isOurs = end.confirmed || this.#withoutNonce || this.access === 'read';
      const outcome = isOurs && !this.#mayCommit ? 'not-applied' : 'unknown';
      this.#reject(
        this.#cancelled === 'timeout' ? timedOutInFlight(outcome) : abortedInFlight(outcome, this.signal),
      );
    } else this.#resolve(end);
  }

  /** The connection broke, or the result exceeded its limit. */
  fail(error: DatabaseError): void {
    this.#end();
    if (this.#settle()) this.#reject(error);
  }

  /** The error for the caller when the channel ends before ReadyForQuery. */
  failureAtClose(cause: Error | undefined): DatabaseError {
    const error = this.#machine.failure;
    if (error === undefined) return connectionLost(this.access, cause);
    return failureOfClosed(error, this.access, this.#machine.confirmed && !this.#mayCommit);
  }

  #stop(why: 'timeout' | 'aborted'): void {
    if (this.#over || this.#cancelled !== undefined) return;
    this.#cancelled = why;
    this.#timer?.cancel();
    const outcome = this.access === 'read' ? 'not-applied' : 'unknown';
    const error = why === 'timeout' ? timedOutInFlight(outcome) : abortedInFlight(outcome, this.signal);
    const cancel = this.#controls.cancel;
    if (cancel === undefined) {
      // Nothing can end the statement: the call settles, and the connection waits for the reply.
      this.#settleOnly(error);
      return;
    }
    if (why === 'timeout') unanswered(error);
    void cancel();
    this.#timer = this.#clock.schedule(() => {
      this.#settleOnly(error);
      this.#timer = this.#clock.schedule(
        () => this.#controls.destroy(error),
        DESTROY_AFTER_CANCEL_MS - SETTLE_AFTER_CANCEL_MS,
      );
    }, SETTLE_AFTER_CANCEL_MS);
  }

  #settleOnly(error: DatabaseError): void {
    if (this.#settle()) this.#reject(error);
  }

  /** True for the first of those who would settle it. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    if (this.#trace !== undefined) this.#trace.serverMs += this.#clock.now() - this.#startedAt;
    return true;
  }

  #end(): void {
    this.#over = true;
    this.#timer?.cancel();
    if (this.#onAbort !== undefined) this.signal?.removeEventListener('abort', this.#onAbort);
  }
}

const STILL: Clock = { now: unused, wallNow: unused, schedule: unused, expireAt: () => ({ cancel: unused }) };
const LIMITS: CallLimits = { deadline: 0, signal: undefined, maxRows: 0, maxBytes: 0 };

keepShape(
  new Exchange({ bytes: Buffer.alloc(0), steps: [], nonce: '', access: 'read', limits: LIMITS }, STILL, {
    cancel: undefined,
    destroy: unused,
  }),
);
