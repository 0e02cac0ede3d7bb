/**
 * Time as a value that is handed in, so that a test can move it.
 *
 * `now()` is monotonic milliseconds (not the time of day); `wallNow()` is milliseconds since the Unix
 * epoch and serves token expiry only.
 */
export interface Clock {
  now(): number;
  wallNow(): number;
  /** Calls `fn` after `ms` milliseconds. The timer does not keep the process alive. */
  schedule(fn: () => void, ms: number): Timer;
}

export interface Timer {
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

/** Node fires a timer of a longer delay at once. */
const MAX_DELAY_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  schedule: (fn, ms) => new SystemTimer(setTimeout(fn, Math.min(ms, MAX_DELAY_MS)).unref()),
};
