/** What the writers of one process know of what they wrote. */
import { ITEMS_OF_USER, processOfItem, subjectOf, USERS, userOfItem } from './soak-database.ts';

export interface Item extends Record<string, unknown> {
  readonly id: number;
  readonly owner: string;
  readonly version: number;
}

export interface Faults {
  /** Rows or names of somebody else. */
  foreign: number;
  /** Own versions older than one that was known to be written when the read began. */
  stale: number;
  /** What was rolled back or never written. */
  undone: number;
  /** Rows that are missing or too many. */
  missing: number;
  readonly examples: string[];
}

const ALL = USERS * ITEMS_OF_USER;
const MAX_EXAMPLES = 10;

export class Books {
  readonly #process: number;
  /** Versions that were answered, or seen without the cache after an unknown outcome. */
  readonly #known = new Int32Array(ALL);
  readonly #tried = new Int32Array(ALL);
  readonly faults: Faults = { foreign: 0, stale: 0, undone: 0, missing: 0, examples: [] };

  constructor(process: number) {
    this.#process = process;
  }

  /** A version that the item has never had. */
  next(item: number): number {
    const version = this.#at(this.#tried, item) + 1;
    this.#tried[item] = version;
    return version;
  }

  /** It was answered, or seen in the database. */
  known(item: number, version: number): void {
    this.#known[item] = Math.max(this.#at(this.#known, item), version);
  }

  knownVersion(item: number): number {
    return this.#at(this.#known, item);
  }

  /** Call it before a read: then `check` tells whether the answer is older. */
  before(user: number): Checks {
    const first = user * ITEMS_OF_USER;
    const known = this.#known.slice(first, first + ITEMS_OF_USER);
    return {
      all: (rows, what) => {
        if (rows.length !== ITEMS_OF_USER)
          this.fault('missing', `${what} has ${rows.length} rows, not ${ITEMS_OF_USER}`);
        for (const row of rows) this.#check(row, user, known[row.id - first] ?? 0, what);
      },
      one: (row, what) => this.#check(row, user, known[row.id - first] ?? 0, what),
    };
  }

  fault(kind: Exclude<keyof Faults, 'examples'>, what: string): void {
    this.faults[kind] += 1;
    if (this.faults.examples.length < MAX_EXAMPLES) this.faults.examples.push(`${kind}: ${what}`);
  }

  #check({ id, owner, version }: Item, user: number, known: number, what: string): void {
    if (owner !== subjectOf(user) || userOfItem(id) !== user) {
      this.fault('foreign', `${what} shows item ${id} of ${owner} to ${subjectOf(user)}`);
      return;
    }
    if (version < 0) this.fault('undone', `${what} shows a version of item ${id} that was rolled back`);
    // What others write is seen when it has been told.
    if (processOfItem(id) !== this.#process) return;
    if (version > this.#at(this.#tried, id))
      this.fault('undone', `${what} shows version ${version} of item ${id}, which was never written`);
    else if (version < known)
      this.fault('stale', `${what} shows version ${version} of item ${id}, and ${known} was written`);
  }

  #at(array: Int32Array, item: number): number {
    return array[item] ?? 0;
  }
}

export interface Checks {
  all(rows: readonly Item[], what: string): void;
  one(row: Item, what: string): void;
}
