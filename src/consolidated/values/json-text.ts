/**
 * A value that `json(…)` made JSON text of: for a json column, argument or filter, and for a value in raw SQL.
 *
 * The brand is a private field, so that no parsed JSON can be one.
 */
export class JsonText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text of a real one; undefined for everything else. */
  static read(value: unknown): string | undefined {
    return typeof value === 'object' && value !== null && #text in value ? value.#text : undefined;
  }
}
