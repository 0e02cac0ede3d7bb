import type { Turn } from '../call/call-place.ts';

/**
 * Calls one after the other, in the order in which they were made: it is fixed before any of them waits for
 * anything.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #refusal: Error | undefined;

  take(): Turn {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    // Who gives up before its turn has come must not let the next one overtake those before it.
    this.#last = before.then(() => promise);
    const begins = before.then(() => {
      if (this.#refusal !== undefined) throw this.#refusal;
    });
    return { begins, end: resolve };
  }

  /** Those whose turn has not come are refused. */
  refuse(error: Error): void {
    this.#refusal ??= error;
  }

  /** Resolves when all that have a turn now have ended. */
  get ended(): Promise<void> {
    return this.#last;
  }
}
