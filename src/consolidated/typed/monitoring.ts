import type { StatementKind } from '../../contract/statement.ts';
import type { CacheControl } from './cache-report.ts';
import type { ConnectionStats } from './connection-stats.ts';
import type { HealthCheckOptions, HealthReport } from './health-report.ts';
import type { QueryMetrics, QueryMetricsOptions } from './query-metrics.ts';
import type { RecentFailure } from './recent-failure.ts';

/** Metrics as text, for the body of an HTTP response. */
export interface MetricsText {
  readonly contentType: string;
  readonly body: string;
}

/** What a service tells of itself. */
export interface Monitoring {
  /**
   * The metrics of the service's registry, as Prometheus reads them. Rejects with a `ConfigurationError` of code
   * `METRICS_OFF` without the option `metrics`.
   *
   * @example
   * ```ts
   * const { contentType, body } = await db.metrics();
   * ```
   */
  metrics(): Promise<MetricsText>;

  /**
   * Asks each mode of each login for its server's version, and tells what it found. It opens a connection where none is
   * open. It never rejects because of the database.
   *
   * @example
   * ```ts
   * const { status } = await db.healthCheck({ timeoutMs: 500 });
   * ```
   */
  healthCheck(options?: HealthCheckOptions): Promise<HealthReport>;

  /** What the cache holds and did. */
  readonly cache: Pick<CacheControl, 'stats'>;

  /** The last 50 calls that failed, the latest first. @throws ConfigurationError `METRICS_OFF` without the option `metrics` */
  getRecentFailures(): RecentFailure[];

  /** The connections of each mode and login, as they are now. */
  getConnectionStats(): ConnectionStats[];

  /**
   * What the latest calls took, by operation and table. The groups that took the most time come first.
   *
   * @param operation - only calls of this kind, such as `select`
   * @throws ConfigurationError `METRICS_OFF` without the option `metrics`
   *
   * @example
   * ```ts
   * const slowest = db.getQueryMetrics('select', { limit: 5 });
   * ```
   */
  getQueryMetrics(operation?: StatementKind, options?: QueryMetricsOptions): QueryMetrics[];
}
