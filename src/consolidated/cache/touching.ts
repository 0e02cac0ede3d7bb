import type { Clock } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import type { Call } from '../call/call.ts';
import type { Touching } from '../call/router.ts';
import { NOTHING_TOUCHED, type Touched } from '../call/touched.ts';
import type { InvalidationCause } from '../typed/cache-report.ts';
import type { CacheRules } from './cache-rules.ts';
import { Invalidations } from './invalidations.ts';
import type { ReadCache } from './read-cache.ts';

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
  readonly invalidations = new Invalidations();
  /** Reads the catalog anew. */
  readonly #refresh: () => Promise<unknown>;
  /** Told of what has ended, for other processes. */
  readonly #announce: ((touched: Touched) => void) | undefined;

  constructor(
    cache: ReadCache,
    rules: Pick<CacheRules, 'touchedBy'>,
    clock: Clock,
    refresh: () => Promise<unknown>,
    announce?: (touched: Touched) => void,
  ) {
    this.#cache = cache;
    this.#rules = rules;
    this.#clock = clock;
    this.#refresh = refresh;
    this.#announce = announce;
  }

  begins(call: Call<unknown>): void {
    this.#touch(this.#touchedBy(call));
  }

  ended(call: Call<unknown>, error: unknown): void {
    const touched = this.#touchedBy(call);
    // What the function of a transaction throws has rolled it back.
    const isSettled = error === undefined || error === call.thrown?.error || isSettledBy(error);
    if (touched.length > 0) this.invalidations.count(isSettled ? causeOf(call, touched) : 'unknown outcome');
    if (isSettled) this.#touch(touched);
    else if (touched.length > 0) this.#distrust(touched, call);
    if (touched.length > 0) this.#announce?.(touched);
    if (this.#cache.isUsed && areDefinitions(call)) this.#redefine();
  }

  /** What answers depend on is known by the catalog. One that could not be read is read by the next call that needs it. */
  #redefine(): void {
    this.#cache.generations.hold(this.#refresh()).catch(() => undefined);
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

function areDefinitions({ touched, ready }: Call<unknown>): boolean {
  if (touched !== undefined) return touched.areDefinitions;
  return ready?.statements.some(({ plan }) => own(plan, 'mayDefine') === true) === true;
}
