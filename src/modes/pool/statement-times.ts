import type { Clock } from '../../contract/clock.ts';

const MAX_KNOWN = 200;
/** What is older was measured beneath another load. */
const KEPT_MS = 1_000;

interface Least {
  readonly ms: number;
  readonly until: number;
}

/**
 * The least time that a statement took lately, by its name. Of those alone whose callers had to wait for a connection: whoever
 * does not wait pays nothing for it, and there is nobody to be refused.
 *
 * The least, because it refuses: what took 10 ms for one row may take 10 s for another.
 */
export class StatementTimes {
  readonly #clock: Clock;
  /** In the order in which they were measured. A library that reads its options by inheritance has no place in a pool. */
  readonly #least = new Map<string, Least>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  answered(statement: string, ms: number): void {
    const now = this.#clock.now();
    const known = this.#least.get(statement);
    if (known !== undefined && now < known.until && ms >= known.ms) return;
    this.#least.delete(statement);
    this.#least.set(statement, { ms, until: now + KEPT_MS });
    if (this.#least.size <= MAX_KNOWN) return;
    for (const oldest of this.#least.keys()) {
      this.#least.delete(oldest);
      return;
    }
  }

  /** 0 where it is not known. */
  leastOf(statement: string): number {
    const known = this.#least.get(statement);
    return known === undefined || this.#clock.now() >= known.until ? 0 : known.ms;
  }
}
