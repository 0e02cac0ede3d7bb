import type { Clock } from '../../contract/clock.ts';

const WINDOW_MS = 50;
/** One slow statement says nothing of the next one. */
const MIN_FREED = 5;
const KEPT_MS = 5_000;

/**
 * How fast a pool serves those who wait: the time from one connection that is given back to the next one, while callers wait.
 * Nothing is measured while nobody does, and nothing is known from another day.
 */
export class DrainRate {
  readonly #clock: Clock;
  /** Undefined while nobody waits. */
  #since: number | undefined;
  #freed = 0;
  #intervalMs = 0;
  #measuredAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A connection was given back. */
  freed(isAwaited: boolean): void {
    if (!isAwaited) {
      this.#since = undefined;
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
    if (elapsed < WINDOW_MS || this.#freed < MIN_FREED) return;
    const measured = elapsed / this.#freed;
    const before = this.intervalMs;
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
