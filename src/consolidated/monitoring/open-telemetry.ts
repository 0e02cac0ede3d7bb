import { createRequire } from 'node:module';
import type { Attributes, Histogram, Meter, ObservableResult } from '@opentelemetry/api';
import type { CallEvent } from '../../contract/call-event.ts';
import type { Clock } from '../../contract/clock.ts';
import { ConfigurationError } from '../../contract/errors.ts';
import type { ServiceEvent } from '../../contract/service-event.ts';
import type { CacheStats } from '../typed/cache-report.ts';
import type { ConnectionStats } from '../typed/connection-stats.ts';
import { observeCache } from './cache-meters.ts';
import type { CallListener } from './parted.ts';
import type { ShownNow } from './service-metrics.ts';

type Api = typeof import('@opentelemetry/api');

const NAME = 'consolidated-db';
const MS_PER_SECOND = 1_000;
/** As the conventions advise for `db.client.operation.duration`. */
const ADVICE = { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] };

/** `@opentelemetry/api` is a peer that may be missing. It holds its providers globally, so any copy of it will do. */
function loadApi(): Api {
  try {
    return createRequire(import.meta.url)('@opentelemetry/api') as Api;
  } catch (cause) {
    throw new ConfigurationError("The option 'openTelemetry' needs the package @opentelemetry/api.", {
      code: 'OPENTELEMETRY_NOT_INSTALLED',
      hint: 'npm install @opentelemetry/api',
      cause,
    });
  }
}

/**
 * A span for each call and metrics of calls, connections and the cache, by the semantic conventions for databases, stable since 1.33.
 * No value, and no text of an error.
 */
export class OpenTelemetry {
  readonly #api: Api;
  readonly #clock: Clock;
  /** Made late: a meter that is asked for before its provider is there measures nothing, for ever. */
  #meters: Meters | undefined;
  #stats: () => readonly ConnectionStats[] = () => [];
  #cacheStats: () => CacheStats | undefined = () => undefined;

  constructor(clock: Clock) {
    this.#api = loadApi();
    this.#clock = clock;
  }

  readonly call: CallListener = (event, statements) => {
    const { errorCode, milliseconds } = event;
    const attributes = attributesOf(event);
    const endTime = this.#clock.wallNow();
    // Asked for each time: a tracer from before its provider would know only of a provider set through this copy of the API.
    const span = this.#api.trace.getTracer(NAME).startSpan(
      summaryOf(event),
      { kind: this.#api.SpanKind.CLIENT, startTime: endTime - milliseconds, attributes },
      // Behind an await the context is again that of the call.
      this.#api.context.active(),
    );
    if (span.isRecording()) {
      span.setAttributes(detailsOf(event));
      if (statements.length > 0)
        span.setAttribute('db.query.text', statements.map(({ plan }) => plan.text).join('; '));
      if (errorCode !== undefined) span.setStatus({ code: this.#api.SpanStatusCode.ERROR });
    }
    span.end(endTime);
    this.#measured().call(event, attributes);
  };

  readonly event = (event: ServiceEvent): void => {
    if (event.type === 'connection' && event.change === 'opened') this.#measured().opened(event);
  };

  /** The active span, in the form of W3C; undefined where none is recorded. */
  readonly traceparent = (): string | undefined => {
    const { trace, TraceFlags } = this.#api;
    const active = trace.getActiveSpan()?.spanContext();
    if (active === undefined || (active.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
    return `00-${active.traceId}-${active.spanId}-01`;
  };

  /** Shows the connections and the cache from the first call on, until it is closed. */
  start({ stats, cacheStats }: Pick<ShownNow, 'stats' | 'cacheStats'>): void {
    this.#stats = stats;
    this.#cacheStats = cacheStats;
  }

  close(): void {
    this.#stats = () => [];
    this.#cacheStats = () => undefined;
  }

  #measured(): Meters {
    if (this.#meters === undefined) {
      const meter = this.#api.metrics.getMeter(NAME);
      this.#meters = new Meters(meter, () => this.#stats());
      observeCache(meter, () => this.#cacheStats());
    }
    return this.#meters;
  }
}

class Meters {
  readonly #duration: Histogram;
  readonly #rows: Histogram;
  readonly #wait: Histogram;
  readonly #create: Histogram;

  constructor(meter: Meter, stats: () => readonly ConnectionStats[]) {
    const seconds = { unit: 's', advice: ADVICE };
    this.#duration = meter.createHistogram('db.client.operation.duration', seconds);
    this.#rows = meter.createHistogram('db.client.response.returned_rows', { unit: '{row}' });
    this.#wait = meter.createHistogram('db.client.connection.wait_time', seconds);
    this.#create = meter.createHistogram('db.client.connection.create_time', seconds);
    const observe = (
      name: string,
      unit: string,
      see: (result: ObservableResult, of: ConnectionStats) => void,
    ) =>
      meter.createObservableUpDownCounter(name, { unit }).addCallback((result) => {
        for (const of of stats()) see(result, of);
      });
    observe('db.client.connection.count', '{connection}', (result, of) => {
      result.observe(of.active, { ...poolOf(of), 'db.client.connection.state': 'used' });
      result.observe(of.idle, { ...poolOf(of), 'db.client.connection.state': 'idle' });
    });
    observe('db.client.connection.max', '{connection}', (result, of) => result.observe(of.max, poolOf(of)));
    observe('db.client.connection.pending_requests', '{request}', (result, of) =>
      result.observe(of.waiting, poolOf(of)),
    );
  }

  call({ milliseconds, rows, errorCode, queueMs, connectMs, mode }: CallEvent, attributes: Attributes): void {
    this.#duration.record(milliseconds / MS_PER_SECOND, attributes);
    if (errorCode === undefined) this.#rows.record(rows, attributes);
    if (mode === undefined) return;
    this.#wait.record((queueMs + connectMs) / MS_PER_SECOND, { 'db.client.connection.pool.name': mode });
  }

  opened({ milliseconds, mode, login }: Extract<ServiceEvent, { readonly type: 'connection' }>): void {
    this.#create.record(milliseconds / MS_PER_SECOND, poolOf({ mode, login }));
  }
}

function poolOf({ mode, login }: Pick<ConnectionStats, 'mode' | 'login'>): Attributes {
  return { 'db.client.connection.pool.name': mode, 'consolidated_db.login': login };
}

/** Few and bounded: those of metrics too. */
function attributesOf({ kind, target, errorCode }: CallEvent): Attributes {
  const isFunction = kind === 'rpc.read' || kind === 'rpc.write';
  return {
    'db.system.name': 'postgresql',
    'db.operation.name': kind,
    ...(target !== undefined && { [isFunction ? 'db.stored_procedure.name' : 'db.collection.name']: target }),
    ...(errorCode !== undefined && { 'error.type': errorCode }),
  };
}

/** Those of spans alone. */
function detailsOf(event: CallEvent): Attributes {
  const { mode, role, label, cache, attempts, rows, outcome, queueMs, connectMs, serverMs } = event;
  return {
    'db.query.summary': summaryOf(event),
    'db.response.returned_rows': rows,
    'consolidated_db.attempts': attempts,
    'consolidated_db.outcome': outcome,
    'consolidated_db.queue_ms': queueMs,
    'consolidated_db.connect_ms': connectMs,
    'consolidated_db.server_ms': serverMs,
    ...(mode !== undefined && { 'consolidated_db.mode': mode }),
    ...(role !== undefined && { 'consolidated_db.role': role }),
    ...(label !== undefined && { 'consolidated_db.label': label }),
    ...(cache !== undefined && { 'consolidated_db.cache': cache }),
  };
}

function summaryOf({ kind, target }: CallEvent): string {
  return target === undefined ? kind : `${kind} ${target}`;
}
