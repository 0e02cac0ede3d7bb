/** The labels of a call. Names from the catalog and from this package, never from a request. */
export interface CallLabels {
  readonly mode: string;
  readonly operation: string;
  readonly table: string;
  readonly role: string;
  readonly outcome: string;
}

const OTHER = 'other';

/** One set of labels of a table. */
interface Kept<T> extends CallLabels {
  readonly value: T;
}

/**
 * Keeps one value for each set of labels. Beyond the maximum those of further tables share the ones whose table is `other`:
 * what a metrics server has to store is bounded, however many tables and roles there are.
 *
 * Looked up for every call, so no key is made of the labels: a table has few sets, and they are compared one by one.
 */
export class BoundedLabels<T> {
  readonly #byTable = new Map<string, Kept<T>[]>();
  readonly #max: number;
  readonly #make: (labels: CallLabels) => T;
  #own = 0;

  constructor(max: number, make: (labels: CallLabels) => T) {
    this.#max = max;
    this.#make = make;
  }

  of(labels: CallLabels): T {
    const kept = this.#find(labels);
    if (kept !== undefined) return kept.value;
    if (this.#own >= this.#max) return this.#shared({ ...labels, table: OTHER });
    this.#own += 1;
    return this.#keep(labels);
  }

  /** Modes, operations, roles and outcomes are few, so these need no bound. */
  #shared(labels: CallLabels): T {
    const kept = this.#find(labels);
    return kept === undefined ? this.#keep(labels) : kept.value;
  }

  #find({ table, operation, outcome, mode, role }: CallLabels): Kept<T> | undefined {
    const ofTable = this.#byTable.get(table);
    if (ofTable === undefined) return undefined;
    for (const kept of ofTable) {
      if (
        kept.operation === operation &&
        kept.outcome === outcome &&
        kept.mode === mode &&
        kept.role === role
      ) {
        return kept;
      }
    }
    return undefined;
  }

  #keep({ mode, operation, table, role, outcome }: CallLabels): T {
    const value = this.#make({ mode, operation, table, role, outcome });
    const kept = { mode, operation, table, role, outcome, value };
    const ofTable = this.#byTable.get(table);
    if (ofTable === undefined) this.#byTable.set(table, [kept]);
    else ofTable.push(kept);
    return value;
  }
}
