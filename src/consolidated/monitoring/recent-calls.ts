import type { CallEvent } from '../../contract/call-event.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { QueryMetrics, QueryMetricsOptions } from '../typed/query-metrics.ts';

const DEFAULT_LIMIT = 50;

/** One kind of call of one relation or function. */
interface Group {
  readonly operation: StatementKind;
  readonly table: string | undefined;
  readonly number: number;
}

/** What is kept of a call, one number behind the other: so keeping it touches memory in one place. */
const NUMBERS = 4;
const MILLISECONDS = 0;
const ROWS = 1;
const FAILED = 2;
const GROUP = 3;

/**
 * The last calls, in a ring of fixed size: numbers alone, so that keeping one allocates nothing. The table of groups is
 * bounded by what the ring can hold.
 */
export class RecentCalls {
  readonly #ring: Float64Array;
  readonly #max: number;
  readonly #groups: Group[] = [];
  readonly #groupsOf = new Map<string | undefined, Group[]>();
  #next = 0;
  #size = 0;

  /** @param max - calls that are kept */
  constructor(max: number) {
    this.#max = max;
    this.#ring = new Float64Array(max * NUMBERS);
  }

  readonly add = ({ kind, target, milliseconds, rows, errorCode }: CallEvent): void => {
    const group = this.#numberOf(kind, target);
    const ring = this.#ring;
    const at = this.#next * NUMBERS;
    ring[at + MILLISECONDS] = milliseconds;
    ring[at + ROWS] = rows;
    ring[at + FAILED] = errorCode === undefined ? 0 : 1;
    ring[at + GROUP] = group;
    this.#next = this.#next + 1 === this.#max ? 0 : this.#next + 1;
    if (this.#size < this.#max) this.#size += 1;
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
    const ofTable = this.#groupsOf.get(table);
    if (ofTable !== undefined) {
      for (const group of ofTable) if (group.operation === operation) return group.number;
    }
    return this.#added(operation, table);
  }

  #added(operation: StatementKind, table: string | undefined): number {
    // Tables that were dropped or renamed long ago leave room for others.
    if (this.#groups.length >= this.#max * 2) this.#forgetGroups();
    const group = { operation, table, number: this.#groups.length };
    this.#groups.push(group);
    const ofTable = this.#groupsOf.get(table);
    if (ofTable === undefined) this.#groupsOf.set(table, [group]);
    else ofTable.push(group);
    return group.number;
  }

  #forgetGroups(): void {
    this.#groups.length = 0;
    this.#groupsOf.clear();
    this.#size = 0;
    this.#next = 0;
  }

  #placesByGroup(): Map<number, number[]> {
    const places = new Map<number, number[]>();
    for (let at = 0; at < this.#size; at++) {
      const number = this.#kept(at, GROUP);
      const own = places.get(number);
      if (own === undefined) places.set(number, [at]);
      else own.push(at);
    }
    return places;
  }

  #kept(at: number, which: number): number {
    return this.#ring[at * NUMBERS + which]!;
  }

  #metricsOf({ operation, table }: Group, places: readonly number[]): QueryMetrics {
    const sorted = Float64Array.from(places, (at) => this.#kept(at, MILLISECONDS)).sort();
    const sum = (which: number): number => places.reduce((total, at) => total + this.#kept(at, which), 0);
    return {
      operation,
      table,
      calls: places.length,
      errors: sum(FAILED),
      rows: sum(ROWS),
      p50Ms: percentile(sorted, 0.5),
      p95Ms: percentile(sorted, 0.95),
      p99Ms: percentile(sorted, 0.99),
      maxMs: sorted.at(-1)!,
      totalMs: sum(MILLISECONDS),
    };
  }
}

/** By the nearest rank: a value that occurred, and at least that part of all are no larger. */
function percentile(sorted: Float64Array, part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)]!;
}
