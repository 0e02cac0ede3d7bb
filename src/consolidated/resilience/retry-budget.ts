/** Saved at most, so that a quiet hour does not pay for a storm of retries. */
const MAX_SAVED = 10;

/**
 * What all retries of a service may cost together: each call pays in a part of a retry. Without it three attempts for each
 * call would be three times the load, at the moment when the database can bear it least.
 */
export class RetryBudget {
  readonly #ratio: number;
  /** A service that has just begun has a little, for its first calls. */
  #saved = MAX_SAVED;

  /** @param ratio retries for each call */
  constructor(ratio: number) {
    this.#ratio = ratio;
  }

  payIn(): void {
    if (this.#saved < MAX_SAVED) this.#saved = Math.min(MAX_SAVED, this.#saved + this.#ratio);
  }

  /** False where nothing is left for a retry. */
  take(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
