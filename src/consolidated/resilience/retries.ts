import pRetry from 'p-retry';
import type { Clock } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, ModeName } from '../../contract/mode.ts';
import type { LoginName, Tell } from '../../contract/service-event.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import { faultClassOf } from './fault-class.ts';
import { RetryBudget } from './retry-budget.ts';

interface RetrySettings {
  /** All attempts of a call, the first one included. */
  readonly attempts: number;
  /** Retries for each call, over all calls of the service. */
  readonly budget: number;
}

interface RetryParts {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly tell: Tell;
  /** The login that serves this actor. */
  readonly loginOf: (actor: Actor) => LoginName;
}

/** A batch that failed. */
export interface FailedBatch {
  readonly limits: CallLimits;
  readonly access: 'read' | 'write';
  /** To send it again does no harm, even where it was applied: the database knows the key. */
  readonly isKeyed: boolean;
  readonly mode: ModeName;
  readonly actor: Actor;
}

/** The longest pause before the second attempt; twice as long before each further one. */
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1_000;

/** Sends failed batches again: only where that cannot apply a write twice, and only as often as the budget allows. */
export class Retries {
  readonly #settings: RetrySettings;
  readonly #parts: RetryParts;
  readonly #budget: RetryBudget;
  #isEnded = false;

  constructor(settings: RetrySettings, parts: RetryParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#budget = new RetryBudget(settings.budget);
  }

  /** Of each call, before its first attempt. */
  counted(): void {
    this.#budget.payIn();
  }

  /** The service is closed: what fails from now on is not sent again. */
  end(): void {
    this.#isEnded = true;
  }

  /** @param attempt the one that failed, from 1 */
  allows(
    { access, isKeyed, mode }: Pick<FailedBatch, 'access' | 'isKeyed' | 'mode'>,
    error: unknown,
    attempt = 1,
  ): boolean {
    const { again, evidence } = faultClassOf(error);
    if (this.#isEnded || again === 'never' || (again === 'once' && attempt > 1)) return false;
    // There is no network to fail: the thread of the database ended under this batch, and would again.
    if (mode === 'embedded' && evidence !== 'answered') return false;
    if (error instanceof DatabaseError && error.outcome === 'applied') return false;
    const isHarmless = access === 'read' || isKeyed;
    return isHarmless || (error instanceof DatabaseError && error.outcome === 'not-applied');
  }

  /**
   * Waits and sends again until one attempt succeeds or no further one is allowed. Called when the first one has failed,
   * so that calls that succeed pay nothing.
   */
  async follow<T>(batch: FailedBatch, failure: DatabaseError, send: () => Promise<T>): Promise<T> {
    /** Of an attempt that may have been applied. */
    let doubt: DatabaseError | undefined;
    let before: Error = failure;
    try {
      // Without its signal: with one, p-retry rejects after an attempt that has succeeded. Without its own pauses: they
      // do not know our clock, and jitter only from one to two times the pause.
      return await pRetry((attempt) => (attempt === 1 ? Promise.reject(failure) : send()), {
        retries: this.#settings.attempts - 1,
        minTimeout: 0,
        factor: 1,
        shouldRetry: ({ error, attemptNumber }) => {
          if (error instanceof DatabaseError && error.outcome === 'unknown') doubt = error;
          if (!wasNotSent(error)) before = error;
          return this.#rest(batch, error, attemptNumber);
        },
      });
    } catch (error) {
      if (error instanceof DatabaseError && error.outcome === 'applied') throw error;
      // Only an answer dispels a doubt. A later attempt may have failed because an earlier one was still at work.
      // And an attempt that we refused ourselves says less than the one before it.
      throw doubt ?? (wasNotSent(error) ? before : error);
    }
  }

  /** True when the pause is over; false where no attempt follows. */
  async #rest(batch: FailedBatch, error: Error, attempt: number): Promise<boolean> {
    if (!this.allows(batch, error, attempt)) return false;
    const { clock, random } = this.#parts;
    const { limits } = batch;
    // From nothing to the whole pause, so that callers that failed together do not come back together.
    const delayMs = random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
    const isLate = clock.now() + delayMs >= limits.deadline;
    const refused = isLate ? 'deadline' : this.#budget.take() ? undefined : 'budget';
    this.#tell(batch, error, attempt, delayMs, refused);
    if (refused !== undefined) return false;
    const pause = new Promise<void>((resolve) => void clock.schedule(resolve, delayMs));
    await withinLimits(pause, limits, clock, 'before it could be sent again');
    return true;
  }

  #tell(
    { mode, actor }: FailedBatch,
    error: Error,
    attempt: number,
    delayMs: number,
    refused: 'budget' | 'deadline' | undefined,
  ): void {
    const { tell, loginOf } = this.#parts;
    if (tell === undefined) return;
    const errorCode = error instanceof DatabaseError ? error.code : 'INTERNAL';
    tell({ type: 'retry', mode, login: loginOf(actor), attempt, delayMs, errorCode, refused });
  }
}

/** By the service itself. */
const REFUSALS = new Set(['CIRCUIT_OPEN', 'OVERLOADED', 'QUEUE_FULL', 'SERVICE_CLOSED', 'EMBEDDED_LOST']);

function wasNotSent(error: unknown): boolean {
  return error instanceof DatabaseError && REFUSALS.has(error.code);
}

/** Undefined where the options leave no second attempt. */
export function retriesOf(settings: RetrySettings | false, parts: RetryParts): Retries | undefined {
  return settings === false || settings.attempts === 1 ? undefined : new Retries(settings, parts);
}
