import type { Clock } from '../../contract/clock.ts';
import type { Actor } from '../../contract/identity.ts';
import { Allowance } from './allowance.ts';
import type { Catalog } from './model.ts';

/** Reads the catalog, as the actor; what it answers carries the epoch that it is given. */
type LoadCatalog = (epoch: number, actor: Actor) => Promise<Catalog>;

interface CatalogStoreOptions {
  readonly load: LoadCatalog;
  readonly clock: Clock;
  /**
   * The same missing name causes a reload at most once in this time.
   * @defaultValue 5000
   */
  readonly sameMissMs?: number;
  /**
   * Missing names of any kind cause a reload at most once in this time, so that many different invalid
   * names cannot load the database either.
   * @defaultValue 1000
   */
  readonly anyMissMs?: number;
}

const CHANGES_AT_ONCE = 10;

/**
 * Holds the current catalog. The first caller loads it; a failed load is not kept.
 */
export class CatalogStore {
  readonly #load: LoadCatalog;
  readonly #clock: Clock;
  readonly #sameMissMs: number;
  readonly #anyMissMs: number;
  #epoch = 0;
  #current: Catalog | undefined;
  #running: Promise<Catalog> | undefined;
  /** The load that starts when the running one has ended. */
  #queued: Promise<Catalog> | undefined;
  /** When a missing name last caused a reload; entries older than `#sameMissMs` are dropped. */
  readonly #misses = new Map<string, number>();
  #lastMiss = Number.NEGATIVE_INFINITY;
  readonly #changes: Allowance;
  readonly #replies: SharedTurn;
  readonly #labels: SharedTurn;

  constructor(options: CatalogStoreOptions) {
    this.#load = options.load;
    this.#clock = options.clock;
    this.#sameMissMs = options.sameMissMs ?? 5_000;
    this.#anyMissMs = options.anyMissMs ?? 1_000;
    const refresh = (actor: Actor) => this.refresh(actor);
    this.#changes = new Allowance(options.clock, CHANGES_AT_ONCE, this.#anyMissMs);
    this.#replies = new SharedTurn(options.clock, this.#changes, refresh);
    this.#labels = new SharedTurn(options.clock, new Allowance(options.clock, 1, this.#anyMissMs), refresh);
  }

  /** The catalog, if one has been loaded. */
  get current(): Catalog | undefined {
    return this.#current;
  }

  /** The catalog; callers that come while it is being loaded share that load. */
  get(actor: Actor): Promise<Catalog> {
    if (this.#current !== undefined) return Promise.resolve(this.#current);
    return this.#running ?? this.#start(actor);
  }

  /**
   * Loads the catalog again, with everything committed before this call. If it fails, the old catalog stays.
   *
   * A running load may have read before that commit, so another one follows it. All callers that ask meanwhile
   * share it.
   */
  refresh(actor: Actor): Promise<Catalog> {
    if (this.#queued !== undefined) return this.#queued;
    if (this.#running === undefined) return this.#start(actor);
    this.#queued = this.#running.then(
      () => this.#startQueued(actor),
      () => this.#startQueued(actor),
    );
    return this.#queued;
  }

  /**
   * Call this when `name` (such as `public.trips` or `public.trips.title`) is not in the current catalog.
   * Returns a newer catalog, or the current one if the last reload for
   * a missing name is too recent.
   */
  async refreshForMissing(name: string, actor: Actor): Promise<Catalog> {
    if (this.#running !== undefined) return this.#running;
    const now = this.#clock.now();
    for (const [missed, at] of this.#misses) {
      if (now - at >= this.#sameMissMs) this.#misses.delete(missed);
    }
    const tooSoon = this.#misses.has(name) || now - this.#lastMiss < this.#anyMissMs;
    if (tooSoon && this.#current !== undefined) return this.#current;
    this.#misses.set(name, now);
    this.#lastMiss = now;
    return this.#start(actor);
  }

  /**
   * To be called when the database does not agree with the catalog `seen`: the answer is one that was loaded after it.
   * Callers cannot cause this, but a function or a policy that names what is gone does so on every call, so that a
   * number of changes in a row are followed at once, and then one each second.
   */
  async refreshForChange(seen: Catalog, actor: Actor): Promise<Catalog> {
    if (this.#current !== undefined && this.#current !== seen) return this.#current;
    if (this.#changes.take() > 0 && this.#current !== undefined) return this.#current;
    return this.refresh(actor);
  }

  /**
   * To be called for a reply that cannot be read without a catalog that is loaded after this call. When there were too many
   * changes it waits for its turn, and all who wait share one load: what the reply holds is told late, but never in another
   * form.
   */
  refreshForReply(actor: Actor): Promise<Catalog> {
    return this.#replies.next(actor);
  }

  /**
   * The same for a value that is no label of its enum. Callers can cause this, so it has its own allowance: one load each
   * second, for all who wait.
   */
  refreshForLabel(actor: Actor): Promise<Catalog> {
    return this.#labels.next(actor);
  }

  #startQueued(actor: Actor): Promise<Catalog> {
    this.#queued = undefined;
    // One that somebody started since the queued one was asked for has seen all that it should.
    return this.#running ?? this.#start(actor);
  }

  #start(actor: Actor): Promise<Catalog> {
    const running = this.#load(this.#epoch + 1, actor).then(
      (catalog) => {
        this.#epoch = catalog.epoch;
        this.#current = catalog;
        this.#running = undefined;
        return catalog;
      },
      (error: unknown) => {
        this.#running = undefined;
        throw error;
      },
    );
    this.#running = running;
    return running;
  }
}

/** Loads as often as allowed. Who comes too early waits, together with all others who do. */
class SharedTurn {
  readonly #clock: Clock;
  readonly #allowance: Allowance;
  readonly #load: (actor: Actor) => Promise<Catalog>;
  #waiting: Promise<Catalog> | undefined;

  constructor(clock: Clock, allowance: Allowance, load: (actor: Actor) => Promise<Catalog>) {
    this.#clock = clock;
    this.#allowance = allowance;
    this.#load = load;
  }

  next(actor: Actor): Promise<Catalog> {
    if (this.#waiting !== undefined) return this.#waiting;
    const waitMs = this.#allowance.take();
    if (waitMs === 0) return this.#load(actor);
    this.#waiting = new Promise<void>((resolve) => this.#clock.schedule(resolve, waitMs)).then(() => {
      this.#waiting = undefined;
      return this.next(actor);
    });
    return this.#waiting;
  }
}
