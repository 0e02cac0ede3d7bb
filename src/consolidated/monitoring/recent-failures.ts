import type { CallEvent } from '../../contract/call-event.ts';
import type { Clock } from '../../contract/clock.ts';
import type { RecentFailure } from '../typed/recent-failure.ts';

const KEPT = 50;

/** The last calls that failed. */
export class RecentFailures {
  readonly #clock: Clock;
  readonly #kept: RecentFailure[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly add = ({ kind, target, mode, milliseconds, outcome, errorCode, errorClass }: CallEvent): void => {
    if (errorCode === undefined || outcome === 'answered') return;
    this.#kept.push({
      at: this.#clock.wallNow(),
      operation: kind,
      table: target,
      mode,
      milliseconds,
      outcome,
      errorCode,
      errorClass: errorClass ?? 'Error',
    });
    if (this.#kept.length > KEPT) this.#kept.shift();
  };

  /** The latest first. */
  latest(): RecentFailure[] {
    return this.#kept.toReversed();
  }
}
