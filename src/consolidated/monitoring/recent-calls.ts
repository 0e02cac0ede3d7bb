import type { CallEvent } from '../../contract/call-event.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { QueryMetrics, QueryMetricsOptions } from '../typed/query-metrics.ts';

const DEFAULT_LIMIT = 50;

/** One kind of call of one relation or function. */
interface Group {
  readonly operation: StatementKind;
  readonly table: string | undefined;
}

/**
 * The last calls, in a ring of fixed size: numbers alone, so that keeping one allocates nothing. The table of groups is
 * bounded by what the ring can hold.
 */
export class RecentCalls {
  readonly #milliseconds: Float64Array;
  readonly #rows: Float64Array;
  readonly #failed: Uint8Array;
  readonly #groupOf: Uint32Array;
  readonly #groups: Group[] = [];
  readonly #numbers = new Map<string, number>();
  #next = 0;
  #size = 0;

  /** @param size - calls that are kept */
  constructor(size: number) {
    this.#milliseconds = new Float64Array(size);
    this.#rows = new Float64Array(size);
    this.#failed = new Uint8Array(size);
    this.#groupOf = new Uint32Array(size);
  }

  readonly add = ({ kind, target, milliseconds, rows, errorCode }: CallEvent): void => {
    const at = this.#next;
    this.#groupOf[at] = this.#numberOf(kind, target);
    this.#milliseconds[at] = milliseconds;
    this.#rows[at] = rows;
    this.#failed[at] = errorCode === undefined ? 0 : 1;
    this.#next = (at + 1) % this.#groupOf.length;
    this.#size = Math.min(this.#size + 1, this.#groupOf.length);
  };

  /** Those that took the most time in all come first. */
  metrics(
    operation: StatementKind | undefined,
    { limit = DEFAULT_LIMIT, table }: QueryMetricsOptions,
  ): QueryMetrics[] {
    return [...this.#placesByGroup()]
      .map(([number, places]) => ({ group: this.#groups[number]!, places }))
      .filter(
        ({ group }) =>
          (operation === undefined || group.operation === operation) &&
          (table === undefined || group.table === table),
      )
      .map(({ group, places }) => this.#metricsOf(group, places))
      .sort((one, other) => other.totalMs - one.totalMs)
      .slice(0, limit);
  }

  #numberOf(operation: StatementKind, table: string | undefined): number {
    const key = `${operation}\0${table ?? ''}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    // Tables that were dropped or renamed long ago leave room for others.
    if (this.#groups.length >= this.#groupOf.length * 2) this.#forgetGroups();
    const number = this.#groups.length;
    this.#groups.push({ operation, table });
    this.#numbers.set(key, number);
    return number;
  }

  #forgetGroups(): void {
    this.#groups.length = 0;
    this.#numbers.clear();
    this.#size = 0;
    this.#next = 0;
  }

  #placesByGroup(): Map<number, number[]> {
    const places = new Map<number, number[]>();
    for (let at = 0; at < this.#size; at++) {
      const number = this.#groupOf[at]!;
      const own = places.get(number);
      if (own === undefined) places.set(number, [at]);
      else own.push(at);
    }
    return places;
  }

  #metricsOf({ operation, table }: Group, places: readonly number[]): QueryMetrics {
    const sorted = Float64Array.from(places, (at) => this.#milliseconds[at]!).sort();
    const sum = (of: Float64Array | Uint8Array): number => places.reduce((total, at) => total + of[at]!, 0);
    return {
      operation,
      table,
      calls: places.length,
      errors: sum(this.#failed),
      rows: sum(this.#rows),
      p50Ms: percentile(sorted, 0.5),
      p95Ms: percentile(sorted, 0.95),
      p99Ms: percentile(sorted, 0.99),
      maxMs: sorted.at(-1)!,
      totalMs: sum(this.#milliseconds),
    };
  }
}

/** By the nearest rank: a value that occurred, and at least that part of all are no larger. */
function percentile(sorted: Float64Array, part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)]!;
}
