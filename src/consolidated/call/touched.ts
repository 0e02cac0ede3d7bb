/** Names of base tables as `schema.name`, or all that there are. */
export type Touched = readonly string[] | 'everything';

export const NOTHING_TOUCHED: Touched = Object.freeze([]);

/** What several writes touch together. */
export class TouchedTables {
  readonly #tables = new Set<string>();
  #isEverything = false;
  /** Relations, policies and functions may be others. */
  areDefinitions = false;

  add(touched: Touched): void {
    if (touched === 'everything') this.#isEverything = true;
    else for (const table of touched) this.#tables.add(table);
  }

  get all(): Touched {
    return this.#isEverything ? 'everything' : [...this.#tables];
  }
}
