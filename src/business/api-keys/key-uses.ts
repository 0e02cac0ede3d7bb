import type { Clock, Timer } from '../../contract/clock.ts';

interface UsesParts {
  /** Writes when each key was used last, in one statement. */
  readonly write: (uses: ReadonlyMap<string, number>) => Promise<unknown>;
  readonly clock: Clock;
  readonly flushEveryMs: number;
}

/** Beyond it, uses of further keys are not noted until these are written. */
const MOST_KEYS = 10_000;

/**
 * When each key was used last: collected here, and written together. Who uses a key neither waits for it nor hears of its
 * failures.
 */
export class KeyUses {
  readonly #parts: UsesParts;
  /** Milliseconds since the epoch by id of the key. */
  #pending = new Map<string, number>();
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(parts: UsesParts) {
    this.#parts = parts;
  }

  /** How often it could not be written. */
  get failures(): number {
    return this.#failures;
  }

  get pending(): number {
    return this.#pending.size;
  }

  note(id: string): void {
    if (this.#isClosed || (this.#pending.size >= MOST_KEYS && !this.#pending.has(id))) return;
    this.#pending.set(id, this.#parts.clock.wallNow());
    this.#timer ??= this.#parts.clock.schedule(() => {
      this.#timer = undefined;
      void this.#flush();
    }, this.#parts.flushEveryMs);
  }

  /** Writes what is left. It never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#writing;
    await this.#flush();
  }

  /** One at a time. What could not be written is kept for the next one. */
  #flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    const uses = this.#pending;
    if (uses.size === 0) return;
    this.#pending = new Map();
    try {
      await this.#parts.write(uses);
    } catch {
      // Counted: `stats()` tells it, and so does the service of its own failed call.
      this.#failures += 1;
      for (const [id, at] of uses) if (!this.#pending.has(id)) this.#pending.set(id, at);
    }
  }
}
