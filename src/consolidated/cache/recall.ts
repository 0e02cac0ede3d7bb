import type { Answer } from '../../contract/answer.ts';
import type { Clock } from '../../contract/clock.ts';
import { own } from '../../contract/own-property.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import { type Call, known, type Layer } from '../call/call.ts';
import type { CallResult, Recallable } from '../call/ready-statement.ts';
import type { CacheOptions } from '../typed/cache-options.ts';
import { cacheKey, IdentityNumbers } from './cache-key.ts';
import { type CacheRequest, cacheRequest } from './cache-request.ts';
import type { CacheRules, ReadRules, Refused } from './cache-rules.ts';
import type { CacheTeller } from './cache-teller.ts';
import { isOfData } from './data-object.ts';
import { Flights } from './flights.ts';
import { freeze } from './frozen-value.ts';
import { type Asked, type Began, keptAnswer, lifetimeOf } from './kept-answer.ts';
import { namesTime } from './named-time.ts';
import type { Kept, ReadCache } from './read-cache.ts';
import type { Refusal } from './refusal.ts';
import { SecondLevelReading, type ServiceSecondLevel, type ToKeep } from './second-level-reading.ts';
import { frozen, notARead } from './unrecalled.ts';

interface RecallParts {
  readonly cache: ReadCache;
  readonly rules: Pick<CacheRules, 'of' | 'defaultsOf'>;
  readonly clock: Clock;
  readonly tell: CacheTeller;
  /** Milliseconds for which an answer without rows is kept at most: what was missing may come soon. */
  readonly emptyTtlMs: number;
  /** Claims that tell users apart; undefined where all do. */
  readonly claims?: readonly string[] | undefined;
  /** Called with each call that asks for the cache. */
  readonly used?: (() => void) | undefined;
  /** False while others' changes are not heard that have to be. @defaultValue always true */
  readonly isGuarded?: (() => boolean) | undefined;
  /** Asked for what is not in memory. */
  readonly secondLevel?: ServiceSecondLevel | undefined;
}

const TIME_NAMED: Refusal = {
  reason: 'time',
  what: "a value is a word for a moment, such as 'now'",
  hint: undefined,
};
const NOT_LISTENING: Refusal = {
  reason: 'not listening',
  what: "with 'cache.onlyWatched' nothing is kept or given while changes of others are not heard",
  hint: "Set 'cache.listen', with a URL for direct or session connections of the service login.",
};
/** A second leader that fails says that others would too. */
const MAX_LEADERS = 2;

/**
 * Between compilation and attempts: answers from what is kept, or lets the call go on and keeps its answer. Calls that ask
 * the same at the same time share one reading.
 */
export class Recall {
  readonly #parts: RecallParts;
  readonly #identities: IdentityNumbers;
  readonly #flights = new Flights();
  readonly #second: SecondLevelReading | undefined;

  constructor(parts: RecallParts) {
    this.#parts = parts;
    this.#identities = new IdentityNumbers(parts.claims);
    const { secondLevel } = parts;
    if (secondLevel !== undefined) {
      this.#second = new SecondLevelReading({ ...parts, ...secondLevel, identities: this.#identities });
    }
  }

  layer(next: Layer): Layer {
    return (call) => {
      const { cache: option } = call.options;
      if (option === undefined || option === false || call.limits.signal?.aborted === true) return next(call);
      return this.#answer(call, option, next);
    };
  }

  /** Before compilation: a question that was answered, by its words. */
  early(next: Layer): Layer {
    return (call) => {
      const { cache: option } = call.options;
      if (option === undefined || option === false) return next(call);
      this.#parts.used?.();
      if (call.limits.signal?.aborted === true || !this.#isGuarded) return next(call);
      return this.#known(call, option) ?? next(call);
    };
  }

  get #isGuarded(): boolean {
    return this.#parts.isGuarded?.() !== false;
  }

  #known(call: Call, option: unknown): CallResult | undefined {
    const { question } = call;
    if (question === undefined) return undefined;
    const { cache, clock, rules, tell } = this.#parts;
    const key = cache.questions.keyOf(question, this.#identities.of(known(call.actor)));
    if (key === undefined) return undefined;
    call.recallKey = key;
    const now = clock.now();
    const kept = cache.get(key, now);
    if (kept === undefined || kept.epoch !== call.place.catalogs.current?.epoch) return undefined;
    if (kept.isForStatedTime && !saysHowLong(option)) return undefined;
    const defaults = rules.defaultsOf(kept.target);
    const request = option === true ? undefined : known(cacheRequest(option, defaults));
    const { ttlMs } = request ?? defaults;
    if (now >= kept.readAt + ttlMs) return undefined;
    if (request !== undefined && !hasTags(kept, request)) return undefined;
    call.recalled = kept;
    tell.hit(call);
    return kept.result;
  }

  #answer(call: Call, option: unknown, next: Layer): Answer<CallResult> {
    const ready = known(call.ready);
    const recallable = own(ready, 'recallable');
    if (recallable === undefined) throw notARead();
    const { rules, tell } = this.#parts;
    // Also where nothing is kept, so that a mistake does not wait for what is.
    const request = known(cacheRequest(option, rules.defaultsOf(ready.target)));
    if (!this.#isGuarded) {
      tell.refused(call, NOT_LISTENING);
      return frozen(next(call));
    }
    const rule = this.#ruleOf(call, recallable);
    const found = 'refusal' in rule && saysHowLong(option) ? (rule.besides ?? rule) : rule;
    if ('refusal' in found) {
      tell.refused(call, found.refusal);
      return frozen(next(call));
    }
    const dependsOn =
      request.tags.length === 0 ? found.tables : [...found.tables, ...request.tags.map(tagName)];
    const key = this.#keyOf(call, recallable, found);
    const { isPublic } = found;
    return this.#recalled(call, { key, request, dependsOn, isForStatedTime: found !== rule, isPublic }, next);
  }

  #ruleOf(call: Call, recallable: Recallable): ReadRules | Refused {
    const rule = this.#parts.rules.of(known(call.compiledWith), recallable, known(call.actor).role);
    return 'refusal' in rule || !namesTime(call) ? rule : { refusal: TIME_NAMED, besides: rule };
  }

  #keyOf(call: Call, { method }: Recallable, { isPublic }: ReadRules): string {
    const { role } = known(call.actor);
    // Rights differ by role, also where policies do not.
    if (isPublic) return cacheKey(`role ${role}`, method, known(call.ready));
    const { recallKey, question } = call;
    if (recallKey !== undefined && question !== undefined && isOfData(question)) return recallKey;
    return cacheKey(this.#identities.of(known(call.actor)), method, known(call.ready));
  }

  #recalled(call: Call, asked: Asked, next: Layer): Answer<CallResult> {
    const { cache, clock, tell } = this.#parts;
    const now = clock.now();
    const kept = cache.get(asked.key, now);
    if (kept === undefined || kept.epoch !== known(call.compiledWith).epoch) {
      return this.#read(call, asked, next, 1);
    }
    if (!hasTags(kept, asked.request)) {
      // Those who asked before find it under their tags as well.
      const dependsOn = [...new Set([...kept.dependsOn, ...asked.dependsOn])];
      return this.#read(call, { ...asked, dependsOn }, next, 1);
    }
    const { ttlMs, swrMs } = asked.request;
    const age = now - kept.readAt;
    if (age < ttlMs) {
      tell.hit(call);
      return kept.result;
    }
    if (age >= ttlMs + swrMs) return this.#read(call, asked, next, 1);
    tell.stale(call);
    this.#refresh(call, asked, next);
    return kept.result;
  }

  #read(call: Call, asked: Asked, next: Layer, leader: number): Answer<CallResult> {
    const { cache, clock, tell } = this.#parts;
    const flight = this.#flights.get(asked.key);
    if (
      flight !== undefined &&
      leader <= MAX_LEADERS &&
      cache.generations.isCurrent(flight.since, asked.dependsOn) &&
      cache.generations.isSettled(asked.dependsOn, clock.now())
    ) {
      return this.#follow(call, asked, next, flight.landed, leader);
    }
    tell.miss(call);
    return this.#lead(call, asked, next);
  }

  /** Its own deadline and its own abort end it; the failure of the one that it follows does not. */
  async #follow(
    call: Call,
    asked: Asked,
    next: Layer,
    landed: Promise<CallResult | undefined>,
    leader: number,
  ): Promise<CallResult> {
    const { clock, tell } = this.#parts;
    const result = await withinLimits(landed, call.limits, clock, 'while another call read the same');
    const isTooOld = result !== undefined && (own(result, 'maxAgeMs') ?? 0) >= asked.request.ttlMs;
    if (result === undefined || isTooOld) return this.#read(call, asked, next, leader + 1);
    tell.shared(call);
    return result;
  }

  async #lead(call: Call, asked: Asked, next: Layer): Promise<CallResult> {
    const second = this.#second?.isFor(call, asked) === true ? this.#second : undefined;
    const began = this.#begin();
    const answer = second
      ? this.#readThrough(second, call, asked, began, next)
      : this.#kept(call, asked, began, Promise.resolve(next(call)));
    this.#flights.begin(asked.key, began.since, answer);
    return answer;
  }

  #begin(): Began {
    const { cache, clock } = this.#parts;
    return { since: cache.generations.now, readAt: clock.now() };
  }

  /** Looks into the second level before the database is asked. */
  async #readThrough(
    second: SecondLevelReading,
    call: Call,
    asked: Asked,
    began: Began,
    next: Layer,
  ): Promise<CallResult> {
    const found = await second.find(call, asked, began);
    if (found.result === undefined) {
      return this.#kept(call, asked, this.#begin(), Promise.resolve(next(call)), found.toKeep);
    }
    this.#parts.tell.secondLevel(call);
    return found.result;
  }

  /** @param toKeep where the second level wants it too */
  async #kept(
    call: Call,
    asked: Asked,
    began: Began,
    answer: Promise<CallResult>,
    toKeep?: ToKeep,
  ): Promise<CallResult> {
    const { cache, emptyTtlMs } = this.#parts;
    const { ready, compiledWith } = call;
    const result = await answer;
    const bytes = freeze(result.value);
    // Compiled anew, it was another statement; with a newer catalog, it may depend on other tables.
    if (call.ready !== ready || call.place.catalogs.current !== compiledWith) return result;
    const lifetime = lifetimeOf(asked, result, emptyTtlMs);
    const isKept = cache.set(asked.key, keptAnswer(call, asked, result, began, lifetime), bytes);
    if (isKept && toKeep !== undefined) this.#second?.keep(toKeep, result, lifetime, began);
    return result;
  }

  /** Reads anew for those who ask later, in a call of its own. */
  #refresh(call: Call, asked: Asked, next: Layer): void {
    if (this.#flights.get(asked.key) !== undefined) return;
    // Whoever asks when the old answer may no longer be given reads it, and is told why that fails.
    this.#readAgain(call, asked, next).catch(() => undefined);
  }

  async #readAgain(call: Call, asked: Asked, next: Layer): Promise<void> {
    const limits = await call.place.admit({ ...call.options, signal: undefined });
    await this.#lead(call.again(limits), asked, next);
  }
}

/** What the invalidation of a tag drops is all that whoever named it may be given. */
function hasTags({ dependsOn }: Kept, { tags }: CacheRequest): boolean {
  return tags.every((tag) => dependsOn.includes(tagName(tag)));
}

/** Whoever says how old an answer may be that depends on the time takes it at that. */
function saysHowLong(option: unknown): boolean {
  return typeof option === 'object' && option !== null && own(option as CacheOptions, 'ttlMs') !== undefined;
}

export function tagName(tag: string): string {
  return `tag ${tag}`;
}
