import type { StatementKind } from '../../contract/statement.ts';

/** What the recent calls of one kind and one relation or function took. Times in milliseconds. */
export interface QueryMetrics {
  readonly operation: StatementKind;
  /** `schema.name` of the relation or function; undefined where there is none. */
  readonly table: string | undefined;
  readonly calls: number;
  readonly errors: number;
  /** Rows returned or written by all of them. */
  readonly rows: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** All of them together: what a faster statement would save. */
  readonly totalMs: number;
}

/** Options of `getQueryMetrics`. */
export interface QueryMetricsOptions {
  /** Groups to return, those that took the most time first. @defaultValue 50 */
  readonly limit?: number;
  /** Only this relation or function, as `schema.name`. */
  readonly table?: string;
}
