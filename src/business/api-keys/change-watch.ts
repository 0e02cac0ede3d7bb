import type { CallOptions } from '../../consolidated/typed/call-options.ts';
import type { NotificationHandler, Subscription } from '../../consolidated/typed/subscription.ts';
import type { Clock } from '../../contract/clock.ts';

/** What can listen, and act outside of the transaction of a request: `db.as(service())`. */
export interface ListeningHandle {
  /** As `listen` of the handle. */
  listen(channel: string, handler: NotificationHandler, options?: CallOptions): Promise<Subscription>;
  /** As `outside` of the handle. */
  outside<Result>(fn: () => Result): Result;
}

/** On which a trigger of `public.api_keys` tells what has changed. */
const CHANNEL = 'api_key_changes';
const RETRY_PAUSE_MS = 30_000;

/**
 * Hears of changes of keys that other processes make. It is a help, not a promise: notifications get lost with their connection,
 * and some modes have none. So nobody waits for it, and nothing depends on it.
 */
export class ChangeWatch {
  readonly #handle: ListeningHandle;
  readonly #changed: () => void;
  readonly #clock: Clock;
  #starting: Promise<Subscription | undefined> | undefined;
  #isStarted = false;
  #retryAt = Number.NEGATIVE_INFINITY;

  constructor(handle: ListeningHandle, changed: () => void, clock: Clock) {
    this.#handle = handle;
    this.#changed = changed;
    this.#clock = clock;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Starts to listen, unless it does or has failed a moment ago. */
  start(): void {
    if (this.#starting !== undefined || this.#clock.now() < this.#retryAt) return;
    this.#starting = this.#subscribe();
  }

  async close(): Promise<void> {
    this.#retryAt = Number.POSITIVE_INFINITY;
    const subscription = await this.#starting;
    this.#isStarted = false;
    await subscription?.unsubscribe();
  }

  async #subscribe(): Promise<Subscription | undefined> {
    try {
      const subscription = await this.#handle.outside(() =>
        this.#handle.listen(CHANNEL, () => this.#changed()),
      );
      this.#isStarted = true;
      // Whatever has changed before is not told.
      this.#changed();
      return subscription;
    } catch {
      // Answers are remembered for a second at most, with and without it. `stats()` tells that nothing is heard.
      this.#retryAt = Math.max(this.#retryAt, this.#clock.now() + RETRY_PAUSE_MS);
      this.#starting = undefined;
      return undefined;
    }
  }
}
