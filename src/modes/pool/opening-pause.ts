import type { Clock, Timer } from '../../contract/clock.ts';
import type { DatabaseError } from '../../contract/errors.ts';

/** How long after a failure to open a connection calls that prefer another pool stay away. */
const AVOIDED_MS = 10_000;

/** What a pool remembers of connections that could not be opened. */
export class OpeningPause {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #held: { readonly error: DatabaseError; readonly until: number } | undefined;
  #failedAt: number | undefined;
  #timer: Timer | undefined;

  /** @param onEnd - called when a pause has passed */
  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Why no further connection is opened now; undefined where one may be. */
  get reason(): DatabaseError | undefined {
    const held = this.#held;
    return held !== undefined && this.#clock.now() < held.until ? held.error : undefined;
  }

  /** Until a further one may be. */
  get leftMs(): number {
    return Math.max(0, (this.#held?.until ?? 0) - this.#clock.now());
  }

  /** An attempt failed a short time ago, and none has succeeded since. */
  get isRecent(): boolean {
    return this.#failedAt !== undefined && this.#clock.now() < this.#failedAt + AVOIDED_MS;
  }

  failed(): void {
    this.#failedAt = this.#clock.now();
  }

  /** No further connection is opened for so long. */
  hold(error: DatabaseError, ms: number): void {
    this.#held = { error, until: this.#clock.now() + ms };
    this.#timer?.cancel();
    this.#timer = this.#clock.schedule(this.#onEnd, ms + 1);
  }

  /** Connections may be opened again. */
  lift(): void {
    this.#held = undefined;
  }

  succeeded(): void {
    this.#held = undefined;
    this.#failedAt = undefined;
  }

  close(): void {
    this.#timer?.cancel();
  }
}
