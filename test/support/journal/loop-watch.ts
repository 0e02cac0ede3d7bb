/**
 * How long the event loop of this process stood still: a call cannot settle while it does, and that is not the call's
 * doing. A machine with other work on it holds it up too.
 */
const EVERY_MS = 5;
/** What a busy loop takes for one turn is none: else half of all time would count as lost. */
const LEAST_STALL_MS = 10;
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
    return this.#gaps.filter(({ at, ms }) => at > from && at - ms < to).reduce((sum, { ms }) => sum + ms, 0);
  }

  #tick(): void {
    const now = performance.now();
    const ms = now - this.#last - EVERY_MS;
    this.#last = now;
    if (ms > LEAST_STALL_MS) this.#gaps.push({ at: now, ms });
    while (this.#gaps.length > 0 && this.#gaps[0]!.at < now - KEPT_MS) this.#gaps.shift();
  }
}
