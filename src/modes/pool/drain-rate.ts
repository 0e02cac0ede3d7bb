import type { Clock } from '../../contract/clock.ts';

const WINDOW_MS = 50;
/** One slow statement says nothing of the next one. */
const MIN_FREED = 5;
const KEPT_MS = 5_000;

/**
 * How fast a pool serves those who wait: the time from one connection that is given back to the next one, while callers wait.
 * Nothing is measured while nobody does, and what was measured before is soon forgotten then.
 */
export class DrainRate {
  readonly #clock: Clock;
  /** Undefined while nobody waits. */
  #since: number | undefined;
  #freed = 0;
  #intervalMs = 0;
  #measuredAt = 0;
  /** What is known was measured of a queue that is gone, so that the next measurement replaces it. */
  #isOfEarlier = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A connection was given back.
   *
   * @param connections of the pool
   */
  freed(isAwaited: boolean, connections: number): void {
    if (!isAwaited) {
      // There is no queue: what was measured of the last one must not refuse calls for a bad moment that is over.
      this.#since = undefined;
      this.#intervalMs /= 2;
      this.#isOfEarlier = true;
      return;
    }
    const now = this.#clock.now();
    if (this.#since === undefined) {
      this.#since = now;
      this.#freed = 0;
      return;
    }
    this.#freed += 1;
    const elapsed = now - this.#since;
    // Behind a stall all connections are given back together, and the first of them alone would say that each takes as long.
    if (elapsed < WINDOW_MS || this.#freed < Math.max(MIN_FREED, connections)) return;
    const measured = elapsed / this.#freed;
    const before = this.#isOfEarlier ? 0 : this.intervalMs;
    this.#isOfEarlier = false;
    this.#intervalMs = before === 0 ? measured : (before + measured) / 2;
    this.#measuredAt = now;
    this.#since = now;
    this.#freed = 0;
  }

  /** 0 where it is not known. */
  get intervalMs(): number {
    const keptMs = Math.max(KEPT_MS, 4 * this.#intervalMs);
    return this.#clock.now() - this.#measuredAt > keptMs ? 0 : this.#intervalMs;
  }
}
