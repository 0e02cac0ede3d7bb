import type { Registry } from 'prom-client';
import type { Clock } from '../../contract/clock.ts';
import type { ServiceEvent } from '../../contract/service-event.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import type { MetricsText } from '../typed/monitoring.ts';
import { MetricSet } from './metric-set.ts';
import type { CallListener } from './parted.ts';
import { promClient } from './prom-client.ts';
import { RecentCalls } from './recent-calls.ts';
import { RecentFailures } from './recent-failures.ts';
import { ServiceMetrics, type ShownNow } from './service-metrics.ts';

type MetricsConfig = Exclude<ServiceConfig['metrics'], false>;

/** What a service with the option `metrics` keeps: counts for Prometheus, and its latest calls. */
export class KeptMetrics {
  readonly recent: RecentCalls;
  readonly failures: RecentFailures;
  readonly #registry: Registry;
  readonly #counted: ServiceMetrics;

  constructor(config: MetricsConfig, applicationName: string, clock: Clock) {
    const { registry, prefix, buckets, maxLabelSets, recentCalls, service = applicationName } = config;
    this.#registry = registry ?? new (promClient().Registry)();
    this.#counted = new ServiceMetrics(MetricSet.of(this.#registry, prefix, buckets), service, maxLabelSets);
    this.recent = new RecentCalls(recentCalls);
    this.failures = new RecentFailures(clock);
  }

  readonly call: CallListener = (event) => {
    this.#counted.call(event);
    this.recent.add(event);
    this.failures.add(event);
  };

  readonly event = (event: ServiceEvent): void => this.#counted.event(event);

  start(shown: ShownNow): void {
    this.#counted.start(shown);
  }

  async text(): Promise<MetricsText> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  close(): void {
    this.#counted.close();
  }
}
