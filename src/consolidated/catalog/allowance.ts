import type { Clock } from '../../contract/clock.ts';

/** So many at once, and then one in each interval. */
export class Allowance {
  readonly #clock: Clock;
  readonly #atOnce: number;
  readonly #intervalMs: number;
  /** Taken, one less for each interval since. */
  #taken = 0;
  #seen = 0;

  constructor(clock: Clock, atOnce: number, intervalMs: number) {
    this.#clock = clock;
    this.#atOnce = atOnce;
    this.#intervalMs = intervalMs;
  }

  /** Takes one. Returns 0, or for how many milliseconds there is none; then nothing was taken. */
  take(): number {
    const now = this.#clock.now();
    this.#taken = Math.max(0, this.#taken - (now - this.#seen) / this.#intervalMs);
    this.#seen = now;
    const over = this.#taken - (this.#atOnce - 1);
    if (over > 0) return Math.ceil(over * this.#intervalMs);
    this.#taken += 1;
    return 0;
  }
}
