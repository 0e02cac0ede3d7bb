import type { CallResult } from '../call/ready-statement.ts';

/** One reading that several calls wait for. */
interface Flight {
  /** Generation in which it began. */
  readonly since: number;
  /** Undefined where it failed. It never rejects: each call tells its own failure. */
  readonly landed: Promise<CallResult | undefined>;
}

/** The readings under way, by key. */
export class Flights {
  readonly #flights = new Map<string, Flight>();

  get(key: string): Flight | undefined {
    return this.#flights.get(key);
  }

  /** Takes the place of an older one under the key, whose answer is outdated. */
  begin(key: string, since: number, answer: Promise<CallResult>): void {
    const flight: Flight = { since, landed: answer.then(undefined, () => undefined) };
    this.#flights.set(key, flight);
    void flight.landed.then(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
  }
}
