import type { Clock, Timer } from '../../contract/clock.ts';
import type { Tell } from '../../contract/service-event.ts';
import type { SecondLevelStore } from '../typed/second-level-store.ts';

interface StoreAccessParts {
  readonly store: SecondLevelStore;
  readonly clock: Clock;
  /** Milliseconds that one piece of work may take. */
  readonly timeoutMs: number;
  readonly tell: Tell;
  readonly onWarning: (message: string) => void;
  /** Called when it answers again. */
  readonly back: () => void;
}

/** A store that did not answer is asked again by nobody but the probe. */
const PROBE_EVERY_MS = 1_000;
const PROBE = 'cdb:probe';

/**
 * The store behind a timeout. It never throws: where the store fails or is slow, there is no answer, and calls go on without
 * it until a probe is answered. So a store that is away costs one timeout, and not one for each call.
 */
export class StoreAccess {
  readonly #parts: StoreAccessParts;
  #state: 'working' | 'away' | 'closed' = 'working';
  #timer: Timer | undefined;
  #isWarned = false;
  #failures = 0;

  constructor(parts: StoreAccessParts) {
    this.#parts = parts;
  }

  get isWorking(): boolean {
    return this.#state === 'working';
  }

  /** Times that it failed or did not answer in time. */
  get failures(): number {
    return this.#failures;
  }

  /** What the work gives; undefined where the store is away, failed, or took too long. */
  async run<T>(work: (store: SecondLevelStore) => Promise<T>): Promise<T | undefined> {
    return this.#state === 'working' ? this.#attempt(work) : undefined;
  }

  close(): void {
    this.#state = 'closed';
    this.#timer?.cancel();
  }

  #attempt<T>(work: (store: SecondLevelStore) => Promise<T>): Promise<T | undefined> {
    const { store, clock, timeoutMs } = this.#parts;
    return new Promise<T | undefined>((resolve) => {
      const end = (value: T | undefined, reason?: 'failed' | 'timeout'): void => {
        timer.cancel();
        if (isOver) return;
        isOver = true;
        if (reason !== undefined) this.#failed(reason);
        resolve(value);
      };
      let isOver = false;
      // Where this process itself was busy for so long, the answer has come, and is read before the next turn.
      const timer = clock.schedule(() => setImmediate(() => end(undefined, 'timeout')), timeoutMs);
      // The store is somebody else's code: it may throw at once.
      new Promise<T>((settle) => settle(work(store))).then(
        (value) => end(value),
        () => end(undefined, 'failed'),
      );
    });
  }

  #failed(reason: 'failed' | 'timeout'): void {
    this.#failures += 1;
    if (this.#state !== 'working') return;
    this.#state = 'away';
    this.#parts.tell?.({ type: 'secondLevel', change: 'away', reason });
    this.#probeLater();
    if (this.#isWarned) return;
    this.#isWarned = true;
    this.#parts.onWarning(
      `The store of the option 'cache.secondLevel' ${reason === 'timeout' ? 'did not answer in time' : 'failed'}. Calls go on without it until it answers.`,
    );
  }

  #probeLater(): void {
    this.#timer = this.#parts.clock.schedule(() => void this.#probe(), PROBE_EVERY_MS);
  }

  async #probe(): Promise<void> {
    const answered = await this.#attempt(async (store) => {
      await store.set(PROBE, '', PROBE_EVERY_MS);
      return true;
    });
    if (this.#state !== 'away') return;
    if (answered !== true) {
      this.#probeLater();
      return;
    }
    this.#state = 'working';
    this.#parts.tell?.({ type: 'secondLevel', change: 'back', reason: undefined });
    this.#parts.back();
  }
}
