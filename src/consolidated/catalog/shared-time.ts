/**
 * Time that work for several waits for one thing, such as a connection. Whoever waits for the work asks before and behind it: the
 * difference is its own share, whenever it came.
 */
export class SharedTime {
  #totalMs = 0;
  #since: number | undefined;

  begin(now: number): void {
    this.#since ??= now;
  }

  end(now: number): void {
    this.#totalMs = this.until(now);
    this.#since = undefined;
  }

  /** Milliseconds, since ever. */
  until(now: number): number {
    return this.#totalMs + (this.#since === undefined ? 0 : now - this.#since);
  }
}
