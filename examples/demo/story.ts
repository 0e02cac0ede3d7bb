import type { AuthSession, CreatedApiKey } from '../../src/index.ts';
import { ExpectationError } from './step.ts';

/** A value that one step makes and later ones need. */
export class Handed<T> {
  readonly #what: string;
  #value: T | undefined;

  /** @param what - what it is, for the message where it is missing */
  constructor(what: string) {
    this.#what = what;
  }

  give(value: T): T {
    this.#value = value;
    return value;
  }

  /** @throws ExpectationError where the step that makes it has failed */
  take(): T {
    if (this.#value === undefined)
      throw new ExpectationError(`There is no ${this.#what}: an earlier step failed.`);
    return this.#value;
  }
}

/** What the steps of the business modules leave for one another. */
export class Story {
  readonly anaSession = new Handed<AuthSession>('session of Ana');
  readonly benSession = new Handed<AuthSession>('session of Ben');
  /** The answer to a wrong password. */
  readonly wrongPassword = new Handed<string>('answer to a wrong password');
  /** The id of the trip that Ana and Ben share. */
  readonly barcelona = new Handed<string>('trip to Barcelona');
  readonly firstKey = new Handed<CreatedApiKey>('API key');
  readonly secondKey = new Handed<CreatedApiKey>('rotated API key');
}
