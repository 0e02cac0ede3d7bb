import type { Clock } from '../../contract/clock.ts';
import { BoundedCache } from '../values/bounded-cache.ts';
import { type Fetch, fetchKeys } from './fetch-key-set.ts';
import type { KeyHint, KeySource, VerificationKey } from './verification-key.ts';

/** Keys that are older are fetched again before they are used. */
const MAX_AGE_MS = 600_000;
/** While the endpoint is down, keys that are no older than this serve on. */
const MAX_STALE_MS = 3_600_000;
/** How soon after a failure the endpoint is asked again. */
const RETRY_PAUSE_MS = 2_000;
/** How soon a `kid` that is not in the set may lead to another fetch. */
const COOLDOWN_MS = 30_000;
/** Fetches within the cooldown, one for a `kid` that was never asked for: so many at once, then one in each pause. */
const EXTRA_FETCHES = 5;
const EXTRA_PAUSE_MS = 10_000;
const MAX_KID_LENGTH = 256;

/** The keys that an endpoint publishes, kept between fetches. */
export class RemoteKeySet implements KeySource {
  readonly algorithms: readonly string[];
  readonly #url: string;
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  /** Of the last fetch that succeeded, and when that ended. */
  #keys: { readonly all: readonly VerificationKey[]; readonly since: number } | undefined;
  /** Of the last fetch, where it failed. */
  #failure: unknown;
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetches = 0;
  #fetching: Promise<readonly VerificationKey[]> | undefined;
  /** Values of `kid` that had their fetch. */
  readonly #asked = new BoundedCache<string, true>({ max: 100 });
  #extra = EXTRA_FETCHES;
  #extraSince: number;

  constructor(url: string, algorithms: readonly string[], clock: Clock, fetch: Fetch) {
    this.#url = url;
    this.algorithms = algorithms;
    this.#clock = clock;
    this.#fetch = fetch;
    this.#extraSince = clock.now();
  }

  async keysFor(hint: KeyHint): Promise<readonly VerificationKey[]> {
    const fetches = this.#fetches;
    const found = (await this.#current()).filter((key) => key.fits(hint));
    if (found.length > 0 || hint.kid === undefined || this.#fetches !== fetches) return found;
    if (this.#mayFetchFor(hint.kid)) return (await this.#refresh()).filter((key) => key.fits(hint));
    // Nobody can say whether that key exists.
    if (this.#failure !== undefined) throw this.#failure;
    return found;
  }

  async #current(): Promise<readonly VerificationKey[]> {
    const kept = this.#keys;
    const age = this.#clock.now() - (kept?.since ?? Number.NEGATIVE_INFINITY);
    if (kept !== undefined && age < MAX_AGE_MS) return kept.all;
    const stale = age < MAX_STALE_MS ? kept?.all : undefined;
    if (this.#failure !== undefined && stale !== undefined) {
      // It was down a moment ago, so nobody waits for it.
      if (!this.#paused) this.#refresh().catch(staysKnown);
      return stale;
    }
    if (this.#paused) throw this.#failure;
    try {
      return await this.#refresh();
    } catch (error) {
      if (stale !== undefined) return stale;
      throw error;
    }
  }

  get #paused(): boolean {
    return this.#failure !== undefined && this.#clock.now() < this.#triedAt + RETRY_PAUSE_MS;
  }

  /** A key that was published since the last fetch is found at once; who forges a `kid` in each token gets few fetches. */
  #mayFetchFor(kid: string): boolean {
    if (this.#fetching !== undefined) return true;
    if (this.#paused) return false;
    const now = this.#clock.now();
    if (now >= this.#triedAt + COOLDOWN_MS) return true;
    if (kid.length > MAX_KID_LENGTH || this.#asked.has(kid)) return false;
    const gained = Math.floor((now - this.#extraSince) / EXTRA_PAUSE_MS);
    this.#extra = Math.min(EXTRA_FETCHES, this.#extra + gained);
    this.#extraSince += gained * EXTRA_PAUSE_MS;
    if (this.#extra === 0) return false;
    this.#extra -= 1;
    this.#asked.set(kid, true);
    return true;
  }

  /** One at a time: who comes meanwhile waits for the same. */
  #refresh(): Promise<readonly VerificationKey[]> {
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchOnce(): Promise<readonly VerificationKey[]> {
    this.#triedAt = this.#clock.now();
    this.#fetches += 1;
    try {
      const all = await fetchKeys(this.#url, this.algorithms, this.#clock, this.#fetch);
      this.#keys = { all: this.#withLoaded(all), since: this.#clock.now() };
      this.#failure = undefined;
      return this.#keys.all;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Keys that are still published stay the objects that they were, so that they are imported once. */
  #withLoaded(fetched: readonly VerificationKey[]): readonly VerificationKey[] {
    const kept = this.#keys?.all ?? [];
    return fetched.map((key) => kept.find((before) => before.isSameAs(key)) ?? key);
  }
}

/** The next call that needs the endpoint is told. */
function staysKnown(): void {}
