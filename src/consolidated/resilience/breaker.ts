import { CircuitState, CountBreaker } from 'cockatiel';
import type { Clock, Timer } from '../../contract/clock.ts';
import { CircuitOpenError, DatabaseError } from '../../contract/errors.ts';
import type { BreakerState } from '../../contract/service-event.ts';
import { type Evidence, faultClassOf } from './fault-class.ts';

export interface BreakerSettings {
  /** Share of the latest calls that must have failed before it opens. */
  readonly failureRate: number;
  /** It does not open on fewer calls than these. */
  readonly minCalls: number;
  /** How long it is open before the first probe, and from the beginning of one that fails to the next one. */
  readonly pauseMs: number;
}

interface BreakerParts {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Names the way in messages. */
  readonly name: string;
  /** Asks the database something, within limits of its own. */
  readonly probe: () => Promise<void>;
  /** Milliseconds for which the mode itself connects to nobody, because its login was refused: a probe would find out nothing. */
  readonly restMs: () => number;
  readonly onChange: (from: BreakerState, to: BreakerState, cause: DatabaseError | undefined) => void;
}

/** The latest calls, with which all in-flight calls of a large pool may end at once without opening it. */
const LATEST_CALLS = 100;
const PROBES = 3;
const BETWEEN_PROBES_MS = 100;

type State =
  | {
      readonly name: 'closed';
      readonly latest: CountBreaker;
      /** Calls in a row for which no connection could be opened. */
      unreached: number;
    }
  | { readonly name: 'open'; readonly cause: DatabaseError; readonly until: number }
  | { readonly name: 'half-open'; readonly cause: DatabaseError; answered: number };

/**
 * The breaker of one way to the database: closed while calls get answers, open after too many faults.
 *
 * Invariants: only infrastructure faults count, and never those of a state that is over. While it is open no call of a user
 * is sent: the service itself probes, one probe at a time and each with a deadline, until three in a row are answered.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #parts: BreakerParts;
  #state: State;
  /** Of the state: a call that ends later than the state in which it began says nothing of the new one. */
  #generation = 0;
  #timer: Timer | undefined;
  #isEnded = false;

  constructor(settings: BreakerSettings, parts: BreakerParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#state = this.#closed();
  }

  get state(): BreakerState {
    return this.#state.name;
  }

  /** Why it is not closed. */
  get cause(): DatabaseError | undefined {
    return this.#state.name === 'closed' ? undefined : this.#state.cause;
  }

  /**
   * @returns what `leave` must be given
   * @throws CircuitOpenError
   */
  enter(): number {
    if (this.#state.name !== 'closed') throw this.#refusal(this.#state);
    return this.#generation;
  }

  /** @param error set unless the call was answered */
  leave(generation: number, evidence: Evidence, error: unknown): void {
    const state = this.#state;
    if (generation !== this.#generation || state.name !== 'closed') return;
    switch (evidence) {
      case 'answered':
        state.latest.success(CircuitState.Closed);
        state.unreached = 0;
        break;
      case 'nothing':
        break;
      default:
        if (error instanceof DatabaseError && this.#isTooMuch(state, evidence)) this.open(error);
    }
  }

  /** No call is sent from now on, until probes are answered. */
  open(cause: DatabaseError): void {
    if (this.#state.name === 'closed') this.#pause(cause, 0);
  }

  /** No further probe is made. */
  end(): void {
    this.#isEnded = true;
    this.#timer?.cancel();
  }

  #closed(): State {
    const { failureRate, minCalls } = this.#settings;
    return {
      name: 'closed',
      latest: new CountBreaker({
        threshold: failureRate,
        size: LATEST_CALLS,
        minimumNumberOfCalls: minCalls,
      }),
      unreached: 0,
    };
  }

  #isTooMuch(
    state: State & { name: 'closed' },
    evidence: Exclude<Evidence, 'answered' | 'nothing'>,
  ): boolean {
    state.unreached = evidence === 'unreachable' ? state.unreached + 1 : 0;
    const isOver = state.latest.failure(CircuitState.Closed);
    return evidence === 'refused' || isOver || state.unreached >= this.#settings.minCalls;
  }

  /**
   * It does not grow: whoever waits for the database would wait for as long after it is back.
   *
   * @param spentMs what a probe took that failed
   */
  #pause(cause: DatabaseError, spentMs: number): void {
    const { clock, random } = this.#parts;
    const spread = random();
    // The processes of a fleet do not probe all at once.
    const pauseMs = this.#settings.pauseMs * (0.75 + spread / 2) - spentMs;
    const restMs = Math.max(0, pauseMs, this.#parts.restMs() * (1 + spread / 4));
    this.#become({ name: 'open', cause, until: clock.now() + restMs }, cause);
    this.#after(restMs, () => {
      this.#become({ name: 'half-open', cause, answered: 0 }, undefined);
      void this.#probe();
    });
  }

  async #probe(): Promise<void> {
    const state = this.#state;
    if (state.name !== 'half-open' || this.#isEnded) return;
    const beganAt = this.#parts.clock.now();
    try {
      await this.#parts.probe();
    } catch (error) {
      const { evidence } = faultClassOf(error);
      // What the database itself refused was answered.
      if (evidence !== 'answered') {
        const cause = evidence !== 'nothing' && error instanceof DatabaseError ? error : state.cause;
        this.#pause(cause, this.#parts.clock.now() - beganAt);
        return;
      }
    }
    state.answered += 1;
    if (state.answered >= PROBES) this.#become(this.#closed(), undefined);
    else this.#after(BETWEEN_PROBES_MS, () => void this.#probe());
  }

  #become(state: State, cause: DatabaseError | undefined): void {
    if (this.#isEnded) return;
    const from = this.#state.name;
    this.#state = state;
    this.#generation += 1;
    this.#parts.onChange(from, state.name, cause);
  }

  #after(ms: number, next: () => void): void {
    if (!this.#isEnded) this.#timer = this.#parts.clock.schedule(next, ms);
  }

  #refusal(state: Exclude<State, { name: 'closed' }>): CircuitOpenError {
    const { clock, name } = this.#parts;
    const leftMs = state.name === 'open' ? Math.max(0, state.until - clock.now()) : 0;
    return new CircuitOpenError(
      `No call is sent over the ${name} at the moment. The last failure there was ${state.cause.code}: ${state.cause.message}`,
      {
        cause: state.cause,
        retryAfterMs: Math.ceil(leftMs + PROBES * BETWEEN_PROBES_MS),
        hint: state.cause.hint ?? 'The service probes them, and sends calls again once they are in order.',
      },
    );
  }
}
