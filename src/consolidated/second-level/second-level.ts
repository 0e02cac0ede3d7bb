import type { Clock } from '../../contract/clock.ts';
import { own } from '../../contract/own-property.ts';
import type { Tell } from '../../contract/service-event.ts';
import type { Touched } from '../call/touched.ts';
import type { SecondLevelStats } from '../typed/cache-report.ts';
import type { SecondLevelStore } from '../typed/second-level-store.ts';
import { EntrySeal } from './entry-seal.ts';
import { EVERYTHING, type KnownTouches, Stamps } from './stamps.ts';
import { StoreAccess } from './store-access.ts';
import { type StoredAnswer, storedAnswer, storedText } from './stored-text.ts';

interface SecondLevelParts {
  readonly store: SecondLevelStore;
  /** Of 32 bytes, the newest first. Without one only answers that all users of a role share are for it. */
  readonly keys: readonly Uint8Array[];
  /** Tells databases in one store apart. */
  readonly database: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly touches: KnownTouches;
  readonly tell: Tell;
  readonly onWarning: (message: string) => void;
}

/** What is looked for. */
interface Sought {
  /** All that decides the answer, besides what is in the tables. */
  readonly question: string;
  /** Tables and tags whose change outdates the answer. */
  readonly dependsOn: readonly string[];
  /** Milliseconds: one that may be as old is none. */
  readonly ttlMs: number;
}

/** Stands in the store, or may be put there by who reads it from the database now. */
export type Looked =
  | { readonly answer: StoredAnswer }
  | { readonly answer: undefined; readonly place: string; readonly stamps: Readonly<Record<string, string>> };

const PLACE = 'cdb:answer:';

/**
 * Answers in a store that processes share.
 *
 * Invariant: what it gives was read from the database after every change that this process knew of when it looked. See `Stamps`.
 */
export class SecondLevel {
  readonly #access: StoreAccess;
  readonly #stamps: Stamps;
  readonly #seal: EntrySeal;
  readonly #clock: Clock;
  readonly #warn: (message: string) => void;
  #hits = 0;
  #misses = 0;
  #rejected = 0;
  #kept = 0;

  constructor({ store, keys, database, timeoutMs, clock, touches, tell, onWarning }: SecondLevelParts) {
    const back = (): void => this.#stamps.renewPending();
    this.#access = new StoreAccess({ store, clock, timeoutMs, tell, onWarning, back });
    this.#stamps = new Stamps(this.#access, touches, clock, database);
    this.#seal = new EntrySeal(keys);
    this.#clock = clock;
    this.#warn = onWarning;
  }

  /** Answers of one identity leave this process only sealed. */
  isFor({ isPublic }: { readonly isPublic: boolean }): boolean {
    return isPublic || this.#seal.hasKeys;
  }

  /** Undefined where nothing can be known, nor put there. Never rejects, and takes no longer than the timeout. */
  look(sought: Sought): Promise<Looked | undefined> {
    return this.#access.run((store) => this.#look(store, sought));
  }

  /**
   * Puts an answer there for others. Nobody waits for it.
   *
   * @param lifeMs milliseconds for which the store may have it
   */
  keep(
    { place, stamps }: Extract<Looked, { readonly answer: undefined }>,
    { value, rows, maxAgeMs }: Pick<StoredAnswer, 'value' | 'rows' | 'maxAgeMs'>,
    lifeMs: number,
  ): void {
    if (lifeMs < 1) return;
    const text = storedText({ value, rows, maxAgeMs, until: this.#clock.wallNow() + lifeMs, stamps });
    if (text === undefined) return;
    const sealed = this.#seal.seal(place, text);
    void this.#access.run(async (store) => {
      await store.set(PLACE + place, sealed, lifeMs);
      this.#kept += 1;
    });
  }

  /** This process has changed these, or was told to forget them: what others have put there before is outdated. */
  announce(touched: Touched): void {
    for (const name of touched === 'everything' ? [EVERYTHING] : touched) void this.#stamps.renew(name);
  }

  /** Others have changed these. */
  heard(touched: Touched): void {
    for (const name of touched === 'everything' ? [EVERYTHING] : touched) this.#stamps.renewAsked(name);
  }

  get stats(): SecondLevelStats {
    return {
      hits: this.#hits,
      misses: this.#misses,
      rejected: this.#rejected,
      kept: this.#kept,
      failures: this.#access.failures,
      working: this.#access.isWorking,
    };
  }

  /** What is known of changes is told to others before. */
  async close(): Promise<void> {
    await this.#stamps.settled();
    this.#access.close();
  }

  async #look(store: SecondLevelStore, sought: Sought): Promise<Looked | undefined> {
    const stamps = this.#stamps;
    const names = [EVERYTHING, ...sought.dependsOn];
    const old = names.filter((name) => !stamps.ask(name));
    const sound = names.filter((name) => !old.includes(name));
    const places = this.#seal.namesOf(sought.question);
    const keys = [...places.map((place) => PLACE + place), ...sound.map((name) => stamps.placeOf(name))];
    // Clients of stores give null for what is not there, and others may have put something else at the place.
    const found = (await store.getMany(keys)).map((value: unknown) =>
      typeof value === 'string' ? value : undefined,
    );
    const current: Record<string, string> = {};
    const missing = [...old];
    for (const [index, name] of sound.entries()) {
      const stamp = found[places.length + index];
      if (stamps.accept(name, stamp)) current[stamps.placeOf(name)] = stamp;
      else missing.push(name);
    }
    // With a stamp that is not there yet, no answer can be.
    const answer = missing.length > 0 ? undefined : this.#usable(places, found, current, sought);
    if (answer !== undefined) {
      this.#hits += 1;
      return { answer };
    }
    this.#misses += 1;
    const renewed = await Promise.all(missing.map((name) => stamps.renew(name)));
    for (const [index, name] of missing.entries()) {
      const stamp = renewed[index];
      if (stamp === undefined) return undefined;
      current[stamps.placeOf(name)] = stamp;
    }
    return { answer: undefined, place: places[0], stamps: current };
  }

  #usable(
    places: readonly string[],
    found: readonly (string | undefined)[],
    current: Readonly<Record<string, string>>,
    { ttlMs }: Sought,
  ): StoredAnswer | undefined {
    for (const [index, place] of places.entries()) {
      const value = found[index];
      if (value === undefined) continue;
      const text = this.#seal.open(place, index, value);
      const answer = text === undefined ? undefined : storedAnswer(text);
      if (answer === undefined) {
        this.#reject();
        continue;
      }
      const isCurrent = Object.entries(current).every(([at, stamp]) => own(answer.stamps, at) === stamp);
      if (isCurrent && answer.maxAgeMs < ttlMs && this.#clock.wallNow() <= answer.until) return answer;
    }
    return undefined;
  }

  #reject(): void {
    if (this.#rejected === 0) {
      this.#warn(
        "The store of the option 'cache.secondLevel' had an entry that this service, or one with the same key, did not write. It was not used, as are all of its kind.",
      );
    }
    this.#rejected += 1;
  }
}
