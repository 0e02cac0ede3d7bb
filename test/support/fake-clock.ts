import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Timer } from '../../src/contract/clock.ts';

const START_MS = 1_000_000;
const START_OF_WALL_MS = Date.UTC(2030, 0, 1);

interface Due {
  readonly at: number;
  readonly fn: () => void;
}

/**
 * Time that stands still until a test moves it. A deadline is met to the millisecond, where the system's clock
 * may be 25 ms late.
 */
export class FakeClock implements Clock {
  #now = START_MS;
  /** In the order in which they were asked for. */
  readonly #timers = new Set<Due>();

  /** Timers that have neither run nor been cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return START_OF_WALL_MS + this.#now - START_MS;
  }

  schedule(fn: () => void, ms: number): Timer {
    return this.expireAt(this.#now + ms, fn);
  }

  expireAt(at: number, fn: () => void): Timer {
    const due = { at, fn };
    this.#timers.add(due);
    return { cancel: () => void this.#timers.delete(due) };
  }

  /**
   * Runs what falls due within `ms`, in order, at its own time, what is asked for meanwhile included. Before the
   * first, after each and at the end all promises that can go on do so; `advance(0)` does no more than that and
   * what is due now.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await nextTurn();
    for (let due = this.#next(until); due !== undefined; due = this.#next(until)) {
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.fn();
      await nextTurn();
    }
    this.#now = until;
  }

  #next(until: number): Due | undefined {
    let next: Due | undefined;
    for (const due of this.#timers) {
      if (due.at <= until && (next === undefined || due.at < next.at)) next = due;
    }
    return next;
  }
}
