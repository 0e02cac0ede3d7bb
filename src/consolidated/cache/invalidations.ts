import type { InvalidationCause } from '../typed/cache-report.ts';

/** Counts why answers were outdated. */
export class Invalidations {
  readonly #counts: Record<InvalidationCause, number> = {
    write: 0,
    declared: 0,
    everything: 0,
    'unknown outcome': 0,
    'other process': 0,
    'listener away': 0,
    'by hand': 0,
  };

  count(cause: InvalidationCause): void {
    this.#counts[cause] += 1;
  }

  get counts(): Readonly<Record<InvalidationCause, number>> {
    return { ...this.#counts };
  }
}
