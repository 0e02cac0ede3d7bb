import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type ContextManager,
  context,
  metrics,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConsolidatedDatabaseService, createDatabaseService, service } from '../../src/index.ts';

const SECRET = 'nobody-shall-read-this';

/** The part of the SDK for Node that keeps the active span through awaits. */
class Contexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with: ContextManager['with'] = (active, fn, self, ...args) =>
    this.#storage.run(active, () => fn.apply(self as never, args));
  bind: ContextManager['bind'] = (_, target) => target;
  enable = () => this;
  disable = () => this;
}

describe('the option openTelemetry', () => {
  const spans = new InMemorySpanExporter();
  const exported = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: exported, exportIntervalMillis: 3_600_000 });
  let db: ConsolidatedDatabaseService;

  beforeAll(async () => {
    db = createDatabaseService({
      embedded: {
        sql: `create table notes (id int primary key, title text);
          create function one_more(n int) returns int language sql immutable as 'select n + 1';`,
      },
      openTelemetry: true,
    });
    // After the service was made, as in an application that starts its SDK late.
    context.setGlobalContextManager(new Contexts());
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
    );
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    await db.as(service()).insert('notes', { id: 1, title: 'a' });
  });
  beforeEach(() => spans.reset());
  afterAll(async () => {
    await db.close();
    await reader.shutdown();
    context.disable();
    trace.disable();
    metrics.disable();
  });

  it('makes a span of each call, by the conventions, with its statement and without its values', async () => {
    await db.as(service()).select('notes', { filters: { title: SECRET }, label: 'notes.list' });
    await db.as(service()).rpc('one_more', { n: 41 });
    const [select, rpc] = spans.getFinishedSpans();
    expect(select).toMatchObject({
      name: 'select public.notes',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'db.system.name': 'postgresql',
        'db.operation.name': 'select',
        'db.collection.name': 'public.notes',
        'db.query.summary': 'select public.notes',
        'db.response.returned_rows': 0,
        'consolidated_db.mode': 'embedded',
        'consolidated_db.role': 'service_role',
        'consolidated_db.label': 'notes.list',
        'consolidated_db.outcome': 'answered',
        'consolidated_db.attempts': 1,
      },
    });
    expect(select?.attributes['db.query.text']).toMatch(/^select .* \$1/s);
    expect(rpc?.name).toBe('rpc.read public.one_more');
    expect(rpc?.attributes['db.stored_procedure.name']).toBe('public.one_more');
    expect(JSON.stringify([select?.attributes, rpc?.attributes])).not.toContain(SECRET);
  });

  it('makes it a child of the span in which the call was made, also inside a transaction', async () => {
    const tracer = trace.getTracer('test');
    await tracer.startActiveSpan('request', async (request) => {
      await db.as(service()).transaction((tx) => tx.count('notes'));
      request.end();
      const all = spans.getFinishedSpans();
      expect(all.map(({ name }) => name)).toEqual(['count public.notes', 'transaction', 'request']);
      for (const span of all.slice(0, 2)) {
        expect(span.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
        expect(span.spanContext().traceId).toBe(request.spanContext().traceId);
      }
    });
  });

  it('marks a failure by its code, and repeats none of its text', async () => {
    await expect(db.as(service()).insert('notes', { id: 1, title: SECRET })).rejects.toThrow();
    const [span] = spans.getFinishedSpans();
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span?.attributes['error.type']).toBe('UNIQUE_VIOLATION');
    expect(span?.events).toEqual([]);
    expect(JSON.stringify(span?.attributes)).not.toContain(SECRET);
  });

  it('measures the cache, and says of each call what it did for it', async () => {
    await db.as(service()).count('notes', { cache: true });
    await db.as(service()).count('notes', { cache: true });
    await db.as(service()).count('notes');
    const did = spans.getFinishedSpans().map(({ attributes }) => attributes['consolidated_db.cache']);
    expect(did).toEqual(['miss', 'hit', undefined]);
    await reader.forceFlush();
    const measured = exported
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.find(({ scope }) => scope.name === 'consolidated-db');
    const points = (name: string) =>
      measured?.metrics
        .find(({ descriptor }) => descriptor.name === name)
        ?.dataPoints.map(({ attributes, value }) => [attributes['consolidated_db.cache.result'], value]);
    expect(points('consolidated_db.cache.reads')).toEqual([
      ['hit', 1],
      ['stale', 0],
      ['shared', 0],
      ['miss', 1],
    ]);
    expect(points('consolidated_db.cache.hit_ratio')).toEqual([[undefined, 0.5]]);
    expect(points('consolidated_db.cache.entries')).toEqual([[undefined, 1]]);
    const { bytes, maxBytes } = db.cache.stats();
    expect(points('consolidated_db.cache.size')).toEqual([[undefined, bytes]]);
    expect(points('consolidated_db.cache.max_size')).toEqual([[undefined, maxBytes]]);
  });

  it('measures calls and connections', async () => {
    await db.as(service()).select('notes');
    await reader.forceFlush();
    const measured = exported
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.find(({ scope }) => scope.name === 'consolidated-db');
    const points = (name: string) =>
      measured?.metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
    expect(points('db.client.operation.duration').map(({ attributes }) => attributes)).toContainEqual({
      'db.system.name': 'postgresql',
      'db.operation.name': 'select',
      'db.collection.name': 'public.notes',
    });
    const pool = { 'db.client.connection.pool.name': 'embedded', 'consolidated_db.login': 'users' };
    expect(points('db.client.connection.count').map(({ attributes, value }) => [attributes, value])).toEqual([
      [{ ...pool, 'db.client.connection.state': 'used' }, 0],
      [{ ...pool, 'db.client.connection.state': 'idle' }, 1],
    ]);
    expect(points('db.client.connection.max').map(({ value }) => value)).toEqual([1]);
    expect(points('db.client.response.returned_rows').length).toBeGreaterThan(0);
    expect(points('db.client.connection.wait_time').length).toBeGreaterThan(0);
    expect(JSON.stringify(measured)).not.toContain(SECRET);
  });
});
