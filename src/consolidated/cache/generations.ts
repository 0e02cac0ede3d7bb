import type { Touched } from '../call/touched.ts';

/** Of tables there are few. Of tags there may be one for each thing that the application knows. */
const MAX_NAMES = 20_000;

/**
 * When each table was last touched, counted in touches: what was read before the last touch of a table that it depends on
 * is outdated, and so is what was being read during it.
 */
export class Generations {
  #now = 0;
  #flushedAt = 0;
  /** In the order of their touches. */
  readonly #touchedAt = new Map<string, number>();
  /** Whatever is not among those above may have been touched then, and not later. */
  #forgottenAt = 0;
  /** A write whose outcome nobody knows may still be applied: until then (on the clock's `now()`) nothing of the table is kept. */
  readonly #unsettledUntil = new Map<string, number>();
  #allUnsettledUntil = Number.NEGATIVE_INFINITY;
  #holds = 0;

  /** What begins now has this number. */
  get now(): number {
    return this.#now;
  }

  /** Names whose touch is remembered one by one. */
  get size(): number {
    return this.#touchedAt.size;
  }

  /** Whatever was read of these tables up to now is outdated. */
  touch(touched: Touched): void {
    this.#now += 1;
    if (touched === 'everything') this.#flushedAt = this.#now;
    else for (const table of touched) this.#touched(table);
  }

  /** The same, and nothing is kept of them before `until`. */
  distrust(touched: Touched, until: number): void {
    this.touch(touched);
    if (touched === 'everything') this.#allUnsettledUntil = Math.max(this.#allUnsettledUntil, until);
    else for (const table of touched) this.#unsettledUntil.set(table, Math.max(this.#until(table), until));
  }

  /** Nothing is kept until `work` has ended, and what was kept before is outdated: nobody knows on what it depends. */
  async hold(work: Promise<unknown>): Promise<void> {
    this.#holds += 1;
    this.touch('everything');
    try {
      await work;
    } finally {
      this.#holds -= 1;
      this.touch('everything');
    }
  }

  /** None of the tables was touched after `since`. */
  isCurrent(since: number, tables: readonly string[]): boolean {
    if (this.#flushedAt > since) return false;
    for (const table of tables) {
      const at = this.#touchedAt.get(table) ?? this.#forgottenAt;
      if (at > since) return false;
    }
    return true;
  }

  /** Generation of the last touch of the name alone, 0 without one; of 'everything' of the last touch of all. */
  touchedAt(name: string): number {
    return name === 'everything' ? this.#flushedAt : (this.#touchedAt.get(name) ?? this.#forgottenAt);
  }

  /** Nothing of the name is kept before then, on the clock's `now()`; of 'everything' nothing at all. */
  unsettledUntil(name: string): number {
    return name === 'everything' ? this.#allUnsettledUntil : this.#until(name);
  }

  /** A write that may still be applied would make what is kept now outdated without a touch. */
  isSettled(tables: readonly string[], now: number): boolean {
    if (this.#holds > 0 || now < this.#allUnsettledUntil) return false;
    return this.#unsettledUntil.size === 0 || tables.every((table) => now >= this.#until(table));
  }

  #touched(table: string): void {
    const touchedAt = this.#touchedAt;
    touchedAt.delete(table);
    touchedAt.set(table, this.#now);
    if (touchedAt.size <= MAX_NAMES) return;
    const [oldest] = touchedAt as Iterable<[string, number]>;
    if (oldest === undefined) return;
    touchedAt.delete(oldest[0]);
    this.#forgottenAt = oldest[1];
  }

  #until(table: string): number {
    return this.#unsettledUntil.get(table) ?? Number.NEGATIVE_INFINITY;
  }
}
