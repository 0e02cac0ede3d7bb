import { checkOptions, wholeNumber } from '../../consolidated/compile/check-options.ts';
import { type Clock, systemClock, type Timer } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import type { Identity } from '../../contract/identity.ts';
import { own } from '../../contract/own-property.ts';
import { checkInput } from '../check-input.ts';
import type { Acting, ActingHandle } from '../module-handle.ts';
import { type NewSearch, RECORDED_SEARCH } from './search.ts';
import type { SearchHistorySchema } from './search-history-schema.ts';

/** Options of `createSearchRecorder`. */
export interface SearchRecorderOptions {
  /** Searches that wait to be written, at most; further ones are dropped. @defaultValue 10000 */
  readonly maxWaiting?: number;
  /** Searches of one statement, at most. So many that wait are written at once. @defaultValue 500 */
  readonly batchSize?: number;
  /** Milliseconds for which a search waits for others, at most. @defaultValue 1000 */
  readonly flushAfterMs?: number;
}

/** What became of the searches since the recorder was made. */
export interface SearchRecorderStats {
  readonly waiting: number;
  readonly written: number;
  /** There was no room, or the recorder was closed. */
  readonly dropped: number;
  /** Broke a rule, such as an empty query, or were nobody's: of `anonymous()` or `service()`. */
  readonly refused: number;
  /** Could not be written. */
  readonly failed: number;
}

type Settings = Required<SearchRecorderOptions>;
type Row = Required<ReturnType<typeof checkInput<typeof RECORDED_SEARCH.fields.shape>>>;

const DEFAULTS: Settings = { maxWaiting: 10_000, batchSize: 500, flushAfterMs: 1_000 };
const KNOWN = { method: 'createSearchRecorder', names: new Set(Object.keys(DEFAULTS)) };

/**
 * Records searches behind the back of whoever searches: in memory first, then in one insert for each identity, as that identity and
 * under its policies. `createSearchRecorder` makes it, one for each process.
 *
 * Searches of one identity are never written as another. They are no part of a transaction in which they are recorded.
 */
export class SearchRecorder implements AsyncDisposable {
  readonly #handle: Acting<SearchHistorySchema>;
  readonly #settings: Settings;
  readonly #clock: Clock;
  /** By the identity itself: equal users with other claims are written apart. */
  #waiting = new Map<Identity, Row[]>();
  #room: number;
  #timer: Timer | undefined;
  /** The timer is for a full batch. */
  #isSoon = false;
  /** The last batch could not be written, and may be later. */
  #isAway = false;
  #flushing: Promise<void> | undefined;
  #closed = false;
  #written = 0;
  #dropped = 0;
  #refused = 0;
  #failed = 0;

  constructor(handle: Acting<SearchHistorySchema>, settings: Settings, clock: Clock) {
    this.#handle = handle;
    this.#settings = settings;
    this.#clock = clock;
    this.#room = settings.maxWaiting;
  }

  /**
   * Takes a search of that user for writing. It returns at once and never throws: `stats()` says what became of it.
   *
   * @example
   * ```ts
   * const caller = await db.verify(token);
   * const found = await createTrips(db.as(caller)).search({ text });
   * recorder.record(caller, { query: text, result_count: found.length });
   * ```
   */
  record(identity: Identity, search: NewSearch): void {
    if (this.#closed || this.#room === 0) {
      this.#dropped += 1;
      return;
    }
    const row = rowOf(identity, search);
    if (row === undefined) {
      this.#refused += 1;
      return;
    }
    this.#room -= 1;
    this.#keep(identity, [row]);
    this.#flushLater();
  }

  /** Writes what waits now, and resolves when that has ended. It never rejects. Do not wait for it inside a transaction. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    // One after the other: the history has one connection of the pool at most.
    while (this.#flushing !== undefined) await this.#flushing;
    // Not in the transaction of whoever has recorded the last one.
    this.#flushing = this.#handle.outside(() => this.#write());
    await this.#flushing;
    this.#flushing = undefined;
    if (this.#waiting.size > 0 && !this.#closed) this.#flushLater();
  }

  /** Since it was made. */
  stats(): SearchRecorderStats {
    return {
      waiting: this.#count(),
      written: this.#written,
      dropped: this.#dropped,
      refused: this.#refused,
      failed: this.#failed,
    };
  }

  /** Takes no more searches, and writes those that wait. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    for (const rows of this.#waiting.values()) this.#failed += rows.length;
    this.#waiting.clear();
    this.#room = this.#settings.maxWaiting;
  }

  /** Closes it, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #write(): Promise<void> {
    const taken = this.#waiting;
    this.#waiting = new Map();
    this.#isAway = false;
    for (const [identity, rows] of taken) {
      for (let start = 0; start < rows.length; start += this.#settings.batchSize) {
        const batch = rows.slice(start, start + this.#settings.batchSize);
        // The others would wait for the same.
        if (!this.#isAway) this.#isAway = !(await this.#settle(identity, batch));
        if (this.#isAway) this.#keep(identity, batch);
      }
    }
  }

  /** False if the rows have to wait for the database. */
  async #settle(identity: Identity, rows: readonly Row[]): Promise<boolean> {
    try {
      await this.#handle.as(identity).insert('search_history', rows, { returning: false });
      this.#written += rows.length;
    } catch (error) {
      if (isAway(error)) return false;
      this.#failed += rows.length;
    }
    this.#room += rows.length;
    return true;
  }

  #keep(identity: Identity, rows: readonly Row[]): void {
    const waiting = this.#waiting.get(identity);
    if (waiting === undefined) this.#waiting.set(identity, [...rows]);
    else waiting.push(...rows);
  }

  /** Never within `record`: to make an insert of a full batch takes a while. */
  #flushLater(): void {
    const { batchSize, flushAfterMs } = this.#settings;
    // While the database is away all batches are full: it is not asked more often for that.
    const isFull = !this.#isAway && this.#flushing === undefined && this.#count() >= batchSize;
    if (this.#timer !== undefined && (!isFull || this.#isSoon)) return;
    this.#timer?.cancel();
    this.#isSoon = isFull;
    this.#timer = this.#clock.schedule(() => void this.flush(), isFull ? 0 : flushAfterMs);
  }

  #count(): number {
    return this.#settings.maxWaiting - this.#room;
  }
}

/** Nothing was written, and may be later: the database is away or busy. */
function isAway(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    (error.statusCode === 503 || error.statusCode === 504) &&
    error.outcome === 'not-applied'
  );
}

/** All columns, so that the rows of an insert have the same. Undefined for what breaks a rule, whatever it is. */
function rowOf(identity: Identity, search: NewSearch): Row | undefined {
  try {
    if (identity.kind !== 'user') return undefined;
    const { query, filters = {}, result_count = 0 } = checkInput(RECORDED_SEARCH, search);
    // A copy, because it waits: with the object of a caller it could become a search of the next one.
    return { query, filters: structuredClone(filters), result_count };
  } catch {
    // Counted and not thrown: a search must not fail for its history.
    return undefined;
  }
}

/**
 * A recorder of searches for this process, on `db` or another handle that is no transaction. Close it before the service.
 *
 * @example
 * ```ts
 * const recorder = createSearchRecorder(db);
 * recorder.record(caller, { query: 'lisbon', result_count: 12 });
 * await recorder.close();
 * ```
 */
export function createSearchRecorder<S>(
  handle: ActingHandle<S, SearchHistorySchema>,
  options: SearchRecorderOptions = {},
): SearchRecorder {
  checkOptions(options, KNOWN);
  // Refuses a transaction now: its handle has no place outside of itself.
  handle.outside(() => undefined);
  const read = (name: keyof Settings): number => wholeNumber(own(options, name) ?? DEFAULTS[name], name, 1);
  const settings = {
    maxWaiting: read('maxWaiting'),
    batchSize: read('batchSize'),
    flushAfterMs: read('flushAfterMs'),
  };
  return new SearchRecorder(handle, settings, systemClock);
}
