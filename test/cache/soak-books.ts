/** What the writers of one process know, and when it was shown what others wrote. */
import { ITEMS_OF_USER, processOfItem, subjectOf, USERS, userOfItem } from './soak-database.ts';

export interface Item extends Record<string, unknown> {
  readonly id: number;
  readonly owner: string;
  readonly version: number;
}

/** A version of an item, and a moment of it on the machine's monotonic clock in milliseconds. */
export type Moment = readonly [item: number, version: number, at: number];

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

/** Of the machine, so that two processes agree. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

const ALL = USERS * ITEMS_OF_USER;
const MAX_EXAMPLES = 10;

export class Books {
  readonly #process: number;
  /** Versions that were answered, or seen without the cache after an unknown outcome. */
  readonly #known = new Int32Array(ALL);
  readonly #tried = new Int32Array(ALL);
  readonly #written: Moment[] = [];
  /** Of items of the other process: which version was seen last, and when. */
  readonly #seen = new Int32Array(ALL);
  readonly #seenAt = new Float64Array(ALL);
  readonly #outgrown: Moment[] = [];
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

  /** The write was answered. */
  written(item: number, version: number): void {
    this.known(item, version);
    this.#written.push([item, version, monotonic()]);
  }

  /** It was seen in the database. */
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
    const asked = monotonic();
    return {
      all: (rows, what) => {
        if (rows.length !== ITEMS_OF_USER)
          this.fault('missing', `${what} has ${rows.length} rows, not ${ITEMS_OF_USER}`);
        for (const row of rows) this.#check(row, user, known[row.id - first] ?? 0, asked, what);
      },
      one: (row, what) => this.#check(row, user, known[row.id - first] ?? 0, asked, what),
    };
  }

  fault(kind: Exclude<keyof Faults, 'examples'>, what: string): void {
    this.faults[kind] += 1;
    if (this.faults.examples.length < MAX_EXAMPLES) this.faults.examples.push(`${kind}: ${what}`);
  }

  /** All that has to be compared with the books of the other process. */
  get moments(): { readonly written: readonly Moment[]; readonly shown: readonly Moment[] } {
    const last: Moment[] = [];
    for (let item = 0; item < ALL; item++) {
      if (this.#at(this.#seenAt, item) > 0)
        last.push([item, this.#at(this.#seen, item), this.#at(this.#seenAt, item)]);
    }
    return { written: this.#written, shown: [...this.#outgrown, ...last] };
  }

  #check({ id, owner, version }: Item, user: number, known: number, asked: number, what: string): void {
    if (owner !== subjectOf(user) || userOfItem(id) !== user) {
      this.fault('foreign', `${what} shows item ${id} of ${owner} to ${subjectOf(user)}`);
      return;
    }
    if (version < 0) this.fault('undone', `${what} shows a version of item ${id} that was rolled back`);
    if (processOfItem(id) !== this.#process) this.#saw(id, version, asked);
    else if (version > this.#at(this.#tried, id))
      this.fault('undone', `${what} shows version ${version} of item ${id}, which was never written`);
    else if (version < known)
      this.fault('stale', `${what} shows version ${version} of item ${id}, and ${known} was written`);
  }

  #saw(item: number, version: number, at: number): void {
    const before = this.#at(this.#seen, item);
    if (before !== version) {
      this.#outgrown.push([item, before, this.#at(this.#seenAt, item)]);
      this.#seen[item] = version;
      this.#seenAt[item] = at;
    } else this.#seenAt[item] = Math.max(this.#at(this.#seenAt, item), at);
  }

  #at(array: Int32Array | Float64Array, item: number): number {
    return array[item] ?? 0;
  }
}

export interface Checks {
  all(rows: readonly Item[], what: string): void;
  one(row: Item, what: string): void;
}

/**
 * For each write, how long the older version was still shown in the other process after it was answered, in milliseconds: until
 * the last read was asked that was answered with it.
 */
export function stalenessOf(written: readonly Moment[], shown: readonly Moment[]): number[] {
  const lastShown = new Map<number, (readonly [version: number, at: number])[]>();
  for (const [item, version, at] of shown)
    lastShown.set(item, [...(lastShown.get(item) ?? []), [version, at]]);
  for (const each of lastShown.values()) each.sort(([one], [other]) => one - other);
  const of = (item: number, version: number, at: number): number => {
    let latest = at;
    for (const [older, shownAt] of lastShown.get(item) ?? []) {
      if (older >= version) break;
      latest = Math.max(latest, shownAt);
    }
    return latest - at;
  };
  return written.map(([item, version, at]) => of(item, version, at)).sort((a, b) => a - b);
}
