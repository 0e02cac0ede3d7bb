/** The labels of a call. Names from the catalog and from this package, never from a request. */
export interface CallLabels {
  readonly mode: string;
  readonly operation: string;
  readonly table: string;
  readonly role: string;
  readonly outcome: string;
}

const OTHER = 'other';

/**
 * Keeps one value for each set of labels. Beyond the maximum those of further tables share the ones whose table is `other`:
 * what a metrics server has to store is bounded, however many tables and roles there are.
 */
export class BoundedLabels<T> {
  readonly #kept = new Map<string, T>();
  readonly #max: number;
  readonly #make: (labels: CallLabels) => T;
  #own = 0;

  constructor(max: number, make: (labels: CallLabels) => T) {
    this.#max = max;
    this.#make = make;
  }

  of(labels: CallLabels): T {
    const key = keyOf(labels);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    if (this.#own >= this.#max) return this.#shared({ ...labels, table: OTHER });
    this.#own += 1;
    return this.#keep(key, labels);
  }

  /** Modes, operations, roles and outcomes are few, so these need no bound. */
  #shared(labels: CallLabels): T {
    const key = keyOf(labels);
    return this.#kept.get(key) ?? this.#keep(key, labels);
  }

  #keep(key: string, labels: CallLabels): T {
    const made = this.#make(labels);
    this.#kept.set(key, made);
    return made;
  }
}

/** No name contains U+0000. */
function keyOf({ mode, operation, table, role, outcome }: CallLabels): string {
  return `${mode}\0${operation}\0${table}\0${role}\0${outcome}`;
}
