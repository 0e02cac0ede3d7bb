/** One operation while it runs: by when it must have settled, and whether what was planned has met it. */
import { isBoundary } from '../support/network/boundaries.ts';
import type { OperationWatch } from '../support/network/strike.ts';
import type { Plan } from './plan.ts';

export class OperationRun {
  readonly plan: Plan;
  readonly #abort = new AbortController();
  /** Of `performance.now()`: the deadline, or the abort before it. */
  limitMs = Number.POSITIVE_INFINITY;
  #settledAt: number | undefined;
  #met = false;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get settled(): boolean {
    return this.#settledAt !== undefined;
  }

  /** What was planned has happened: a hit if the operation was still under way. */
  meet(): void {
    if (!this.settled) this.#met = true;
  }

  /** It is known for certain that the operation was under way then, though that became known only now. */
  wasMet(): void {
    this.#met = true;
  }

  abort(reason: Error): void {
    this.meet();
    this.limitMs = performance.now();
    this.#abort.abort(reason);
  }

  /** @returns milliseconds since the limit */
  settle(): number {
    this.#settledAt = performance.now();
    return this.#settledAt - this.limitMs;
  }

  /** Whether what was planned really met the operation. */
  isHit(watch: OperationWatch | undefined): boolean {
    const { cell } = this.plan;
    if (cell === 'nothing') return true;
    if (isBoundary(cell) || cell.startsWith('black hole')) return watch?.struck === true;
    if (cell === 'a short deadline') return (this.#settledAt ?? 0) > this.limitMs;
    return this.#met;
  }
}
