import { keepShape } from './kept-shapes.ts';
import { type Place, Queue } from './queue.ts';

/**
 * Time, passed in so that a test can control it.
 *
 * `now()` is monotonic milliseconds (not the time of day); `wallNow()` is milliseconds since the Unix
 * epoch and is used for token expiry, and for how long a shared store may give an answer.
 */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since the Unix epoch. */
  wallNow(): number;
  /** Calls `fn` after `ms` milliseconds. The timer does not keep the process alive. */
  schedule(fn: () => void, ms: number): Timer;
  /**
   * Calls `fn` once `now()` has reached `at`, up to 25 ms later. For deadlines that rarely pass: it costs a
   * tenth of a separate timer, and every call has two of them.
   */
  expireAt(at: number, fn: () => void): Timer;
}

/** Something that will be called. */
export interface Timer {
  /** Does nothing where it was called or cancelled before. */
  cancel(): void;
}

class SystemTimer implements Timer {
  readonly #handle: NodeJS.Timeout;
  constructor(handle: NodeJS.Timeout) {
    this.#handle = handle;
  }
  cancel(): void {
    clearTimeout(this.#handle);
  }
}

/** Node fires a timer with a longer delay immediately. */
const MAX_DELAY_MS = 2_147_483_647;

const TICK_MS = 20;

/** Many deadlines on one timer, which runs only while there are any. */
class Deadlines {
  readonly #pending = new Queue<Deadline>();
  #ticking = false;

  add(at: number, fn: () => void): Timer {
    const deadline = new Deadline(at, fn, this.#pending);
    if (!this.#ticking) this.#tickLater();
    return deadline;
  }

  #tickLater(): void {
    this.#ticking = true;
    setTimeout(() => this.#tick(), TICK_MS).unref();
  }

  #tick(): void {
    this.#ticking = false;
    const now = performance.now();
    for (const deadline of this.#pending.members()) if (deadline.at <= now) deadline.fire();
    if (this.#pending.size > 0 && !this.#ticking) this.#tickLater();
  }
}

class Deadline implements Timer {
  readonly at: number;
  readonly #fn: () => void;
  readonly #pending: Queue<Deadline>;
  readonly #place: Place<Deadline>;

  constructor(at: number, fn: () => void, pending: Queue<Deadline>) {
    this.at = at;
    this.#fn = fn;
    this.#pending = pending;
    this.#place = pending.add(this);
  }

  fire(): void {
    if (this.#pending.remove(this.#place)) this.#fn();
  }

  cancel(): void {
    this.#pending.remove(this.#place);
  }
}

keepShape(new Deadline(0, () => {}, new Queue()));

const deadlines = new Deadlines();

export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  expireAt: (at, fn) => deadlines.add(at, fn),
  schedule: (fn, ms) => new SystemTimer(setTimeout(fn, Math.min(ms, MAX_DELAY_MS)).unref()),
};
