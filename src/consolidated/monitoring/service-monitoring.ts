import type { BreakerView } from '../../contract/breaker-view.ts';
import type { Clock } from '../../contract/clock.ts';
import { ConfigurationError, UsageError } from '../../contract/errors.ts';
import type { StatementKind } from '../../contract/statement.ts';
import { checkOptions, wholeNumber } from '../compile/check-options.ts';
import type { Connections } from '../connections/connections.ts';
import { type Actors, anonymous, service } from '../identity/actors.ts';
import type { Listener } from '../notifications/listener.ts';
import type { CacheStats } from '../typed/cache-report.ts';
import type { ConnectionStats } from '../typed/connection-stats.ts';
import type { HealthCheckOptions, HealthReport } from '../typed/health-report.ts';
import type { MetricsText, Monitoring } from '../typed/monitoring.ts';
import type { QueryMetrics, QueryMetricsOptions } from '../typed/query-metrics.ts';
import type { RecentFailure } from '../typed/recent-failure.ts';
import { connectionStats } from './connections-now.ts';
import { HealthCheck } from './health-check.ts';
import type { KeptMetrics } from './kept-metrics.ts';
import type { OpenTelemetry } from './open-telemetry.ts';

const HEALTH_TIMEOUT_MS = 2_000;
const HEALTH_CHECK = { method: 'healthCheck', names: new Set(['timeoutMs']) };
const QUERY_METRICS = { method: 'getQueryMetrics', names: new Set(['limit', 'table']) };

interface MonitoringParts {
  readonly connections: Connections;
  readonly actors: Actors;
  readonly breakers: BreakerView;
  readonly clock: Clock;
  /** Undefined without the option `metrics`. */
  readonly kept: KeptMetrics | undefined;
  readonly openTelemetry: OpenTelemetry | undefined;
  readonly cache: { stats(): CacheStats };
  readonly listener: Pick<Listener, 'listening'>;
}

/** What a service tells of itself when it is asked. */
export class ServiceMonitoring implements Omit<Monitoring, 'cache'> {
  readonly #connections: Connections;
  readonly #breakers: BreakerView;
  readonly #health: HealthCheck;
  readonly #keptMetrics: KeptMetrics | undefined;
  readonly #openTelemetry: OpenTelemetry | undefined;

  constructor({
    connections,
    actors,
    breakers,
    clock,
    kept,
    openTelemetry,
    cache,
    listener,
  }: MonitoringParts) {
    this.#connections = connections;
    this.#breakers = breakers;
    this.#keptMetrics = kept;
    this.#openTelemetry = openTelemetry;
    this.#health = new HealthCheck({
      connections,
      breakers,
      clock,
      actors: { users: actors.of(anonymous()), service: actors.of(service()) },
    });
    const shown = {
      stats: () => this.getConnectionStats(),
      cacheStats: () => cache.stats(),
      listening: () => listener.listening(),
    };
    kept?.start(shown);
    openTelemetry?.start(shown);
  }

  async metrics(): Promise<MetricsText> {
    return this.#kept().text();
  }

  async healthCheck(options: HealthCheckOptions = {}): Promise<HealthReport> {
    checkOptions(options, HEALTH_CHECK);
    return this.#health.run(wholeNumber(options.timeoutMs ?? HEALTH_TIMEOUT_MS, 'timeoutMs', 1));
  }

  getConnectionStats(): ConnectionStats[] {
    return connectionStats(this.#connections.ways(), this.#breakers);
  }

  getQueryMetrics(operation?: StatementKind, options: QueryMetricsOptions = {}): QueryMetrics[] {
    checkOptions(options, QUERY_METRICS);
    if (options.limit !== undefined) wholeNumber(options.limit, 'limit', 1);
    if (operation !== undefined && typeof operation !== 'string') {
      throw new UsageError('getQueryMetrics() takes the kind of a statement, such as select.', {
        code: 'INVALID_OPTION',
      });
    }
    return this.#kept().recent.metrics(operation, options);
  }

  getRecentFailures(): RecentFailure[] {
    return this.#kept().failures.latest();
  }

  close(): void {
    this.#keptMetrics?.close();
    this.#openTelemetry?.close();
  }

  #kept(): KeptMetrics {
    if (this.#keptMetrics !== undefined) return this.#keptMetrics;
    throw new ConfigurationError('This service keeps no metrics.', {
      code: 'METRICS_OFF',
      hint: "Set the option 'metrics: true'.",
    });
  }
}
