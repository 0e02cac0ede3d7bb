import type { CallEvent } from '../../contract/call-event.ts';
import type { BreakerState, ServiceEvent } from '../../contract/service-event.ts';
import type { Listening } from '../notifications/listener.ts';
import type { CacheStats } from '../typed/cache-report.ts';
import type { ConnectionStats } from '../typed/connection-stats.ts';
import { BoundedLabels, type CallLabels } from './bounded-labels.ts';
import { CacheMetrics } from './cache-metrics.ts';
import type { CounterSeries } from './call-counter.ts';
import type { HistogramSeries } from './call-histogram.ts';
import type { MetricSet } from './metric-set.ts';

const MS_PER_SECOND = 1_000;
const BREAKER_STATES: readonly BreakerState[] = ['closed', 'half-open', 'open'];
/** Where there is none, such as the table of raw SQL. */
const NONE = 'none';

/** The metrics of one set of labels, looked up once. */
interface OfLabels {
  readonly duration: HistogramSeries;
  readonly server: HistogramSeries;
  readonly queue: HistogramSeries;
  readonly rows: CounterSeries;
}

/** What is shown as it is when the registry is asked. */
export interface ShownNow {
  readonly stats: () => readonly ConnectionStats[];
  readonly cacheStats: () => CacheStats;
  readonly listening: () => readonly Listening[];
}

/** Counts in a set of metrics what one service tells. */
export class ServiceMetrics {
  readonly #set: MetricSet;
  readonly #name: string;
  /** The label, once it has started. */
  #service = '';
  readonly #bounded: BoundedLabels<OfLabels>;
  #stop: () => void = noMore;

  /** @param maxLabelSets - of calls; further tables are counted as `other` */
  constructor(set: MetricSet, name: string, maxLabelSets: number) {
    this.#set = set;
    this.#name = name;
    this.#bounded = new BoundedLabels(maxLabelSets, (labels) => this.#of(labels));
  }

  readonly call = (event: CallEvent): void => {
    const { kind, mode = NONE, target = NONE, role = NONE, outcome, rows, errorCode } = event;
    const of = this.#bounded.of({ mode, operation: kind, table: target, role, outcome });
    of.duration.observe(event.milliseconds / MS_PER_SECOND);
    of.server.observe(event.serverMs / MS_PER_SECOND);
    of.queue.observe(event.queueMs / MS_PER_SECOND);
    if (rows > 0) of.rows.inc(rows);
    if (errorCode !== undefined) this.#failed(event, errorCode);
  };

  readonly event = (event: ServiceEvent): void => {
    const { metrics } = this.#set;
    const service = this.#service;
    // Who listens, and how the second level of the cache does, is said when it is asked.
    if (event.type === 'cacheListener' || event.type === 'listener' || event.type === 'secondLevel') return;
    if (event.type === 'moved') {
      const { login, from, to, reason } = event;
      metrics.modeChanges.inc({ service, login, from, to, reason });
      return;
    }
    if (event.type === 'search') {
      metrics.searchChanges.inc({ service, plan: event.plan, reason: event.reason });
      return;
    }
    const way = { service, mode: event.mode, login: event.login };
    switch (event.type) {
      case 'connection':
        this.#connection(event, way);
        break;
      case 'retry':
        if (event.refused === undefined) metrics.retries.inc({ ...way, code: event.errorCode });
        else metrics.retriesRefused.inc({ ...way, reason: event.refused });
        break;
      case 'breaker':
        metrics.breakerChanges.inc({ ...way, to: event.to });
        break;
      case 'shed':
        metrics.shedCalls.inc(way);
        break;
      case 'mismatch':
        metrics.replyMismatches.inc(way);
        break;
    }
  };

  /**
   * Takes its label, and shows the connections, the cache and what listens whenever the registry is asked, until it is closed. Called when the service is
   * complete: one that could not be created leaves nothing in the registry.
   */
  start({ stats, cacheStats, listening }: ShownNow): void {
    const { metrics } = this.#set;
    const { service, release } = this.#set.claim(this.#name);
    this.#service = service;
    // A rate needs a value before the first event, and these may stay the only one.
    for (const { mode, login } of stats()) {
      metrics.replyMismatches.inc({ service, mode, login }, 0);
      metrics.shedCalls.inc({ service, mode, login }, 0);
      for (const reason of ['budget', 'deadline'])
        metrics.retriesRefused.inc({ service, mode, login, reason }, 0);
    }
    const cache = new CacheMetrics(this.#set, service, cacheStats);
    const hide = this.#set.collectWith(() => {
      cache.show();
      for (const { mode, login, isListening } of listening())
        metrics.listening.set({ service, mode, login }, isListening ? 1 : 0);
      for (const { mode, login, active, idle, waiting, max, utilization, breaker } of stats()) {
        const way = { service: this.#service, mode, login };
        metrics.poolConnections.set({ ...way, state: 'active' }, active);
        metrics.poolConnections.set({ ...way, state: 'idle' }, idle);
        metrics.poolWaiting.set(way, waiting);
        metrics.poolMax.set(way, max);
        metrics.poolUtilization.set(way, utilization);
        metrics.breakerState.set(way, BREAKER_STATES.indexOf(breaker));
      }
    });
    this.#stop = () => {
      hide();
      cache.count();
      release();
    };
  }

  /** What was counted stays, as Prometheus expects it of counters. */
  close(): void {
    this.#stop();
  }

  #of(labels: CallLabels): OfLabels {
    const { metrics } = this.#set;
    const own = { service: this.#service, ...labels };
    const short = { service: this.#service, mode: labels.mode, operation: labels.operation };
    metrics.unknownOutcomes.inc(short, 0);
    return {
      duration: metrics.callDuration.labels(own),
      server: metrics.callServerTime.labels(short),
      queue: metrics.callQueueTime.labels(short),
      rows: metrics.callRows.labels({ ...short, table: labels.table }),
    };
  }

  #failed({ kind, mode, errorClass = NONE, outcome }: CallEvent, code: string): void {
    const { metrics } = this.#set;
    const labels = { service: this.#service, mode: mode ?? NONE, operation: kind };
    metrics.callErrors.inc({ ...labels, class: errorClass, code });
    if (outcome === 'unknown') metrics.unknownOutcomes.inc(labels);
  }

  #connection(
    { change, milliseconds, errorCode }: Extract<ServiceEvent, { readonly type: 'connection' }>,
    way: { readonly service: string; readonly mode: string; readonly login: string },
  ): void {
    const { metrics } = this.#set;
    if (change === 'opened') metrics.connectionOpening.observe(way, milliseconds / MS_PER_SECOND);
    else if (errorCode !== undefined) {
      const phase = change === 'failed' ? 'opening' : 'open';
      metrics.connectionErrors.inc({ ...way, phase, code: errorCode });
    }
  }
}

function noMore(): void {}
