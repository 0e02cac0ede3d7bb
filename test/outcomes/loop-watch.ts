/**
 * How long the event loop of this process stood still: a call cannot settle while it does, and that is not the call's
 * doing. A machine with other work on it holds it up too.
 */
/** A stall is seen short by up to as much. */
const EVERY_MS = 2;
const KEPT_MS = 20_000;

export class LoopWatch {
  readonly #gaps: { readonly at: number; readonly ms: number }[] = [];
  #last = performance.now();
  readonly #timer = setInterval(() => this.#tick(), EVERY_MS);

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Milliseconds for which the loop stood still between two times of `performance.now()`. */
  stoodStill(from: number, to: number): number {
    this.#tick();
    return this.#gaps
      .filter(({ at, ms }) => at > from && at - ms < to)
      .reduce((sum, { ms }) => sum + ms, 0);
  }

  #tick(): void {
    const now = performance.now();
    const ms = now - this.#last - EVERY_MS;
    this.#last = now;
    if (ms > 1) this.#gaps.push({ at: now, ms });
    while (this.#gaps.length > 0 && this.#gaps[0]!.at < now - KEPT_MS) this.#gaps.shift();
  }
}
