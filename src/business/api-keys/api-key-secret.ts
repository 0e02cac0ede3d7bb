import { inspect } from 'node:util';

/**
 * A new API key. Whatever prints it (`String`, `JSON.stringify`, `console.log`, a logger, a template) prints its prefix alone, so
 * that no log holds it by mistake. `reveal()` is the key itself: for the one response that shows it to its owner.
 */
export class ApiKeySecret {
  readonly #text: string;
  readonly #prefix: string;

  constructor(text: string, prefix: string) {
    this.#text = text;
    this.#prefix = prefix;
  }

  /** The key, to be shown once. It is stored nowhere. */
  reveal(): string {
    return this.#text;
  }

  /** Its prefix alone, so that no log has the key. */
  toString(): string {
    return `${this.#prefix}_…`;
  }

  /** As `toString`. */
  toJSON(): string {
    return this.toString();
  }

  /**
   * As `toString`, for `console.log`.
   *
   * @internal The types of this package must not need those of Node.
   */
  [inspect.custom](): string {
    return this.toString();
  }
}
