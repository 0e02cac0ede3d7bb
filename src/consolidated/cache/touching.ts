import type { Clock } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import type { Call } from '../call/call.ts';
import type { Touching } from '../call/router.ts';
import type { InvalidationCause } from '../typed/cache-report.ts';
import type { CacheRules } from './cache-rules.ts';
import type { Invalidations } from './invalidations.ts';
import type { ReadCache } from './read-cache.ts';
import { NOTHING_TOUCHED, type Touched } from './touched.ts';

/** What the server ends by its own limits is over by then, and what was committed can be read. */
const UNSETTLED_MS = 5_000;

/**
 * Outdates what writes change: before they are sent and after they have ended, whatever became of them. Where their outcome
 * is unknown they may still be applied, so that for a while nothing of it is kept.
 */
export class WriteTouching implements Touching {
  readonly #cache: ReadCache;
  readonly #rules: Pick<CacheRules, 'touchedBy'>;
  readonly #clock: Clock;
  readonly #invalidations: Invalidations;

  constructor(
    cache: ReadCache,
    rules: Pick<CacheRules, 'touchedBy'>,
    clock: Clock,
    invalidations: Invalidations,
  ) {
    this.#cache = cache;
    this.#rules = rules;
    this.#clock = clock;
    this.#invalidations = invalidations;
  }

  begins(call: Call<unknown>): void {
    this.#touch(this.#touchedBy(call));
  }

  ended(call: Call<unknown>, error: unknown): void {
    const touched = this.#touchedBy(call);
    if (touched.length === 0) return;
    // What the function of a transaction throws has rolled it back.
    const isSettled = error === undefined || error === call.thrown?.error || isSettledBy(error);
    this.#invalidations.count(isSettled ? causeOf(call, touched) : 'unknown outcome');
    if (isSettled) this.#touch(touched);
    else this.#distrust(touched, call);
  }

  /** Before a statement of a transaction, whose changes others can see once that has ended. */
  inside(call: Call): void {
    const touched = this.#touchedBy(call);
    call.place.inside?.touch(touched);
    this.#touch(touched);
  }

  #touchedBy({ ready, compiledWith, touched }: Call<unknown>): Touched {
    if (touched !== undefined) return touched.all;
    if (ready === undefined || compiledWith === undefined) return NOTHING_TOUCHED;
    return this.#rules.touchedBy(compiledWith, ready);
  }

  #touch(touched: Touched): void {
    if (touched.length > 0) this.#cache.touch(touched);
  }

  #distrust(touched: Touched, { limits }: Call<unknown>): void {
    const until = Math.max(this.#clock.now(), limits.deadline) + UNSETTLED_MS;
    this.#cache.generations.distrust(touched, until);
  }
}

function causeOf({ ready }: Call<unknown>, touched: Touched): InvalidationCause {
  if (touched === 'everything') return 'everything';
  return ready?.kind === 'sql' || ready?.kind === 'rpc.write' ? 'declared' : 'write';
}

function isSettledBy(error: unknown): boolean {
  return error instanceof DatabaseError && error.outcome !== 'unknown';
}
