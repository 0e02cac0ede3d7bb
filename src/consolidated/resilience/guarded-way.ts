import type { Clock } from '../../contract/clock.ts';
import { type DatabaseError, OverloadedError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { Batch, CallLimits, ConnectionMode } from '../../contract/mode.ts';
import type { BreakerState, LoginName, Tell } from '../../contract/service-event.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import { textPlan } from '../values/text-plan.ts';
import { Breaker, type BreakerSettings } from './breaker.ts';
import { type Evidence, faultClassOf } from './fault-class.ts';

export interface WayParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly tell: Tell;
  readonly breaker: BreakerSettings | false;
  readonly bulkhead: boolean;
}

/** Modes settle in time, and say who was silent. Should one not, the probe ends all the same. */
const PROBE_GRACE_MS = 250;
/**
 * A probe that is lost is followed by another one as soon. Where a new connection takes longer, the next probe finds it open.
 */
const PROBE_TIMEOUT_MS = 1_000;
const MAX_PROBE_BYTES = 1 << 16;
/** Of the time that is left: an estimate, by the calls of the last moments. */
const TRUSTED_SHARE = 0.8;
const PROBE = textPlan('select 1::pg_catalog.text');

/** One way to the database, a mode of a login, and what keeps calls off it: first its bulkhead, then its breaker. */
export class GuardedWay {
  readonly mode: ConnectionMode;
  readonly login: LoginName;
  readonly #parts: WayParts;
  /** Whom the probes act as: they read no rows. */
  readonly #actor: Actor;
  readonly #breaker: Breaker | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #probing: Promise<void> | undefined;
  /** Called when the breaker has closed or opened. */
  onChange: ((to: BreakerState) => void) | undefined;

  constructor(mode: ConnectionMode, login: LoginName, actor: Actor, parts: WayParts) {
    this.mode = mode;
    this.login = login;
    this.#parts = parts;
    this.#actor = actor;
    const { breaker, clock, random } = parts;
    if (breaker !== false) {
      this.#breaker = new Breaker(breaker, {
        clock,
        random,
        name: `${mode.name} connections of the ${login === 'users' ? "users' login" : "service's login"}`,
        probe: () => this.probe(),
        restMs: () => mode.restMs,
        onChange: (from, to, cause) => this.#changed(from, to, cause),
      });
    }
  }

  /**
   * @returns what `leave` must be given
   * @throws OverloadedError, CircuitOpenError
   */
  enter(limits: CallLimits): number {
    if (this.#parts.bulkhead && this.mode.isFull) this.#assertInTime(limits);
    return this.#breaker === undefined ? 0 : this.#breaker.enter();
  }

  /** @param error undefined when it succeeded */
  leave(pass: number, evidence: Evidence, error: unknown): void {
    if (evidence === 'answered') this.#answeredAt = this.#parts.clock.now();
    else if (error instanceof OverloadedError && error.code === 'OVERLOADED') this.#tellShed();
    this.#breaker?.leave(pass, evidence, error);
  }

  get state(): BreakerState {
    return this.#breaker?.state ?? 'closed';
  }

  get isOpen(): boolean {
    return this.state !== 'closed';
  }

  /** It is open, for what may be the fault of the pooler on it. */
  get isPoolersFault(): boolean {
    const cause = this.#breaker?.cause;
    return cause !== undefined && faultClassOf(cause).mayBePoolers;
  }

  /** @param ms not longer ago than this */
  hasAnswered(ms: number): boolean {
    return this.#parts.clock.now() - this.#answeredAt <= ms;
  }

  /** It does not answer probes any more. */
  open(cause: DatabaseError): void {
    this.#breaker?.open(cause);
  }

  /** Asks the database for its answer, within a time of its own. Those who ask meanwhile share the answer. */
  probe(): Promise<void> {
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  end(): void {
    this.#breaker?.end();
  }

  async #probe(): Promise<void> {
    const { clock } = this.#parts;
    const limits = {
      deadline: clock.now() + PROBE_TIMEOUT_MS,
      signal: undefined,
      maxRows: 1,
      maxBytes: MAX_PROBE_BYTES,
    };
    const batch: Batch = {
      actor: this.#actor,
      access: 'read',
      statements: [{ plan: PROBE.plan, values: [] }],
      statementTimeoutMs: 0,
    };
    const patience = { ...limits, deadline: limits.deadline + PROBE_GRACE_MS };
    await withinLimits(this.mode.run(batch, limits), patience, clock, 'while the connection was probed');
    this.#answeredAt = clock.now();
  }

  /** What cannot be answered in time is refused at once: waiting would only keep others from their answers. */
  #assertInTime({ deadline }: CallLimits): void {
    const { expectedMs, name } = this.mode;
    if (expectedMs === 0) return;
    const { clock } = this.#parts;
    const leftMs = (deadline - clock.now()) * TRUSTED_SHARE;
    if (expectedMs <= leftMs) return;
    this.#tellShed();
    throw new OverloadedError(
      `Too many calls wait for a ${name} connection: the answer is expected in ${Math.ceil(expectedMs)} ms, after the call's deadline.`,
      {
        retryAfterMs: Math.max(1, Math.ceil(expectedMs - leftMs)),
        hint: "Call again later, raise 'timeoutMs', or give the pool more connections.",
      },
    );
  }

  #tellShed(): void {
    const { expectedMs, name } = this.mode;
    this.#parts.tell?.({ type: 'shed', mode: name, login: this.login, expectedWaitMs: expectedMs });
  }

  #changed(from: BreakerState, to: BreakerState, cause: DatabaseError | undefined): void {
    const { tell } = this.#parts;
    tell?.({ type: 'breaker', mode: this.mode.name, login: this.login, from, to, errorCode: cause?.code });
    // Those that nobody uses may be lost too. A refused login keeps them: they are all that there will be.
    if (to === 'open' && cause !== undefined && faultClassOf(cause).evidence !== 'refused')
      this.mode.dropIdle();
    this.onChange?.(to);
  }
}
