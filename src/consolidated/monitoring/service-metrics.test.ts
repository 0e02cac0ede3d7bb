import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../contract/call-event.ts';
import type { ServiceEvent } from '../../contract/service-event.ts';
import type { Listening } from '../notifications/listener.ts';
import type { CacheStats } from '../typed/cache-report.ts';
import type { ConnectionStats } from '../typed/connection-stats.ts';
import { MetricSet } from './metric-set.ts';
import { METRIC_TABLE, type MetricDefinition } from './metric-table.ts';
import { ServiceMetrics } from './service-metrics.ts';

const BUCKETS = [0.01, 0.1, 1];
const EVENT: CallEvent = {
  kind: 'select',
  mode: 'direct',
  identity: 'user',
  role: 'authenticated',
  target: 'public.trips',
  label: 'trips.list',
  milliseconds: 50,
  queueMs: 5,
  connectMs: 0,
  serverMs: 20,
  attempts: 1,
  rows: 3,
  cache: undefined,
  outcome: 'answered',
  errorCode: undefined,
  errorClass: undefined,
};
const WAY = { mode: 'transaction', login: 'users' } as const;
const STATS: ConnectionStats = {
  ...WAY,
  active: 6,
  idle: 1,
  waiting: 4,
  max: 8,
  utilization: 0.75,
  breaker: 'open',
};
const CACHE: CacheStats = {
  entries: 0,
  bytes: 0,
  maxBytes: 1_000,
  hits: 0,
  stale: 0,
  shared: 0,
  misses: 0,
  refused: {},
  evictions: 0,
  invalidations: {
    write: 0,
    declared: 0,
    everything: 0,
    'unknown outcome': 0,
    'other process': 0,
    'listener away': 0,
    'by hand': 0,
  },
  listening: undefined,
  onlyWatched: false,
  secondLevel: undefined,
};

function kept(name = 'api', registry = new Registry(), maxLabelSets = 10) {
  const metrics = new ServiceMetrics(MetricSet.of(registry, 'cdb_', BUCKETS), name, maxLabelSets);
  const connections: ConnectionStats[] = [];
  const cache = { stats: CACHE };
  const listening: Listening[] = [];
  metrics.start({
    stats: () => connections,
    cacheStats: () => cache.stats,
    listening: () => listening,
  });
  const lines = async (start: string): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(`cdb_${start}`));
  return { registry, metrics, connections, cache, listening, lines };
}

describe('metrics of calls', () => {
  it('count how long they took, in seconds, by mode, operation, table, role and outcome', async () => {
    const { metrics, lines } = kept();
    metrics.call(EVENT);
    const labels =
      'service="api",mode="direct",operation="select",table="public.trips",role="authenticated",outcome="answered"';
    expect(await lines('call_duration_seconds')).toEqual([
      `cdb_call_duration_seconds_bucket{le="0.01",${labels}} 0`,
      `cdb_call_duration_seconds_bucket{le="0.1",${labels}} 1`,
      `cdb_call_duration_seconds_bucket{le="1",${labels}} 1`,
      `cdb_call_duration_seconds_bucket{le="+Inf",${labels}} 1`,
      `cdb_call_duration_seconds_sum{${labels}} 0.05`,
      `cdb_call_duration_seconds_count{${labels}} 1`,
    ]);
    expect(await lines('call_rows_total')).toEqual([
      'cdb_call_rows_total{service="api",mode="direct",operation="select",table="public.trips"} 3',
    ]);
    expect(await lines('call_server_seconds_sum')).toEqual([
      'cdb_call_server_seconds_sum{service="api",mode="direct",operation="select"} 0.02',
    ]);
    expect(await lines('call_queue_seconds_sum')).toEqual([
      'cdb_call_queue_seconds_sum{service="api",mode="direct",operation="select"} 0.005',
    ]);
  });

  it('count failures by class and code, and outcomes that are unknown', async () => {
    const { metrics, lines } = kept();
    const failed = { ...EVENT, kind: 'insert', outcome: 'unknown', errorCode: 'CONNECTION_LOST' } as const;
    metrics.call({ ...failed, errorClass: 'OutcomeUnknownError' });
    expect(await lines('call_errors_total')).toEqual([
      'cdb_call_errors_total{service="api",mode="direct",operation="insert",class="OutcomeUnknownError",code="CONNECTION_LOST"} 1',
    ]);
    expect(await lines('call_unknown_outcomes_total')).toEqual([
      'cdb_call_unknown_outcomes_total{service="api",mode="direct",operation="insert"} 1',
    ]);
  });

  it('have no label of a call, and no more tables than allowed', async () => {
    const { metrics, registry, lines } = kept('api', new Registry(), 2);
    for (let i = 0; i < 100; i++) metrics.call({ ...EVENT, label: `page-${i}`, target: `public.t${i}` });
    expect(await registry.metrics()).not.toContain('page-');
    const tables = (await lines('call_duration_seconds_count')).map(
      (line) => /table="([^"]*)"/.exec(line)?.[1],
    );
    expect(tables).toEqual(['public.t0', 'public.t1', 'other']);
    expect((await lines('call_duration_seconds_count')).at(-1)).toMatch(/ 98$/);
  });

  it('print a strange name as Prometheus can read it', async () => {
    const { metrics, lines } = kept();
    metrics.call({ ...EVENT, target: 'public.a"b\\c\nd' });
    expect((await lines('call_duration_seconds_count'))[0]).toContain('table="public.a\\"b\\\\c\\nd"');
  });
});

describe('metrics of what happens between calls', () => {
  it.each<[string, ServiceEvent, string]>([
    [
      'an opened connection',
      { ...WAY, type: 'connection', change: 'opened', milliseconds: 20, errorCode: undefined },
      'connection_open_seconds_sum{service="api",mode="transaction",login="users"} 0.02',
    ],
    [
      'one that could not be opened',
      { ...WAY, type: 'connection', change: 'failed', milliseconds: 20, errorCode: 'LOGIN_REFUSED' },
      'connection_errors_total{service="api",mode="transaction",login="users",phase="opening",code="LOGIN_REFUSED"} 1',
    ],
    [
      'one that broke',
      { ...WAY, type: 'connection', change: 'ended', milliseconds: 20, errorCode: 'CONNECTION_LOST' },
      'connection_errors_total{service="api",mode="transaction",login="users",phase="open",code="CONNECTION_LOST"} 1',
    ],
    [
      'a retry',
      { ...WAY, type: 'retry', attempt: 1, delayMs: 10, errorCode: 'CONNECTION_LOST', refused: undefined },
      'retries_total{service="api",mode="transaction",login="users",code="CONNECTION_LOST"} 1',
    ],
    [
      'a retry that the budget refused',
      { ...WAY, type: 'retry', attempt: 1, delayMs: 0, errorCode: 'CONNECTION_LOST', refused: 'budget' },
      'retries_refused_total{service="api",mode="transaction",login="users",reason="budget"} 1',
    ],
    [
      'a breaker that opened',
      { ...WAY, type: 'breaker', from: 'closed', to: 'open', errorCode: 'CONNECTION_LOST' },
      'breaker_changes_total{service="api",mode="transaction",login="users",to="open"} 1',
    ],
    [
      'a call in another mode',
      { type: 'moved', login: 'users', from: 'session', to: 'transaction', reason: 'full' },
      'mode_changes_total{service="api",login="users",from="session",to="transaction",reason="full"} 1',
    ],
    [
      'a call that was shed',
      { ...WAY, type: 'shed', expectedWaitMs: 100 },
      'shed_calls_total{service="api",mode="transaction",login="users"} 1',
    ],
    [
      'a mismatch',
      { ...WAY, type: 'mismatch' },
      'reply_mismatches_total{service="api",mode="transaction",login="users"} 1',
    ],
  ])('count %s', async (_, event, line) => {
    const { metrics, registry } = kept();
    metrics.event(event);
    expect((await registry.metrics()).split('\n')).toContain(`cdb_${line}`);
  });

  it('do not count a connection that was closed as an error', async () => {
    const { metrics, lines } = kept();
    metrics.event({ ...WAY, type: 'connection', change: 'ended', milliseconds: 20, errorCode: undefined });
    expect(await lines('connection_errors_total')).toEqual([]);
  });
});

describe('the connections of a service', () => {
  it('are shown as they are when the registry is asked', async () => {
    const { connections, lines } = kept();
    connections.push(STATS);
    const shown = async () => [...(await lines('pool_')), ...(await lines('breaker_state'))];
    const way = 'service="api",mode="transaction",login="users"';
    expect(await shown()).toEqual([
      `cdb_pool_connections{${way},state="active"} 6`,
      `cdb_pool_connections{${way},state="idle"} 1`,
      `cdb_pool_waiting_calls{${way}} 4`,
      `cdb_pool_max_connections{${way}} 8`,
      `cdb_pool_utilization_ratio{${way}} 0.75`,
      `cdb_breaker_state{${way}} 2`,
    ]);
    connections.splice(0, 1, { ...STATS, active: 0, breaker: 'closed' });
    expect(await shown()).toContain(`cdb_pool_connections{${way},state="active"} 0`);
    expect(await shown()).toContain(`cdb_breaker_state{${way}} 0`);
  });

  it('are shown no more once it is closed, and its counts stay', async () => {
    const { metrics, connections, lines } = kept();
    connections.push(STATS);
    metrics.call(EVENT);
    expect((await lines('pool_')).length).toBeGreaterThan(0);
    metrics.close();
    expect(await lines('pool_')).toEqual([]);
    expect(await lines('call_duration_seconds_count')).toHaveLength(1);
  });
});

describe('the cache of a service', () => {
  it('is shown as it is when the registry is asked, and from 0 on', async () => {
    const { cache, lines } = kept();
    expect(await lines('cache_reads_total')).toEqual(
      ['hit', 'stale', 'shared', 'miss'].map(
        (result) => `cdb_cache_reads_total{service="api",result="${result}"} 0`,
      ),
    );
    expect(await lines('cache_invalidations_total')).toHaveLength(7);
    expect(await lines('cache_refused_reads_total')).toEqual([]);
    cache.stats = {
      ...CACHE,
      entries: 3,
      bytes: 700,
      hits: 5,
      misses: 2,
      refused: { time: 4 },
      evictions: 1,
      invalidations: { ...CACHE.invalidations, 'unknown outcome': 6 },
    };
    const expected = [
      'cdb_cache_reads_total{service="api",result="hit"} 5',
      'cdb_cache_reads_total{service="api",result="miss"} 2',
      'cdb_cache_refused_reads_total{service="api",reason="time"} 4',
      'cdb_cache_invalidations_total{service="api",cause="unknown outcome"} 6',
      'cdb_cache_evictions_total{service="api"} 1',
      'cdb_cache_entries{service="api"} 3',
      'cdb_cache_bytes{service="api"} 700',
      'cdb_cache_max_bytes{service="api"} 1000',
    ];
    expect(await lines('cache_')).toEqual(expect.arrayContaining(expected));
    // Asked again, it has not counted again.
    expect(await lines('cache_')).toEqual(expect.arrayContaining(expected));
  });

  it('says whether it listens, once it does or tries to', async () => {
    const { cache, lines } = kept();
    expect(await lines('cache_listening')).toEqual([]);
    cache.stats = { ...CACHE, listening: true };
    expect(await lines('cache_listening')).toEqual(['cdb_cache_listening{service="api"} 1']);
    cache.stats = { ...CACHE, listening: false };
    expect(await lines('cache_listening')).toEqual(['cdb_cache_listening{service="api"} 0']);
  });

  it('is shown no more once the service is closed, and its counts stay, the last ones too', async () => {
    const { cache, metrics, lines } = kept();
    cache.stats = { ...CACHE, hits: 9, listening: true };
    metrics.close();
    cache.stats = { ...CACHE, hits: 12 };
    expect(await lines('cache_reads_total{service="api",result="hit"')).toEqual([
      'cdb_cache_reads_total{service="api",result="hit"} 9',
    ]);
    expect(await lines('cache_listening')).toEqual([]);
    expect(await lines('cache_bytes')).toEqual([]);
  });
});

describe('what listens', () => {
  it('is shown while there are subscriptions, and not once it is closed', async () => {
    const { metrics, listening, lines } = kept();
    expect(await lines('listening')).toEqual([]);
    const way = { mode: 'direct', login: 'service' } as const;
    listening.push({ ...way, isListening: true });
    const labels = 'service="api",mode="direct",login="service"';
    expect(await lines('listening')).toEqual([`cdb_listening{${labels}} 1`]);
    listening.splice(0, 1, { ...way, isListening: false });
    expect(await lines('listening')).toEqual([`cdb_listening{${labels}} 0`]);
    metrics.close();
    expect(await lines('listening')).toEqual([]);
  });
});

describe('services that share a registry', () => {
  it('have their own label each, also where their names are the same', async () => {
    const { metrics, registry, connections, lines } = kept();
    const other = kept('api', registry);
    connections.push(STATS);
    other.connections.push({ ...STATS, waiting: 9 });
    metrics.call(EVENT);
    other.metrics.call(EVENT);
    expect((await lines('pool_waiting_calls')).map((line) => line.replace(/,.*\}/, ''))).toEqual([
      'cdb_pool_waiting_calls{service="api" 4',
      'cdb_pool_waiting_calls{service="api-2" 9',
    ]);
    expect(await lines('call_duration_seconds_count')).toHaveLength(2);
    metrics.close();
    kept('api', registry).connections.push({ ...STATS, waiting: 3 });
    expect((await lines('pool_waiting_calls')).map((line) => line.replace(/,.*\}/, ''))).toContain(
      'cdb_pool_waiting_calls{service="api" 3',
    );
  });

  it('are refused a prefix under which the registry has metrics of others', () => {
    const registry = new Registry();
    kept('api', registry);
    registry.removeSingleMetric(`cdb_${METRIC_TABLE.callDuration.name}`);
    expect(() => kept('api', registry)).toThrow(/registry of the option 'metrics'/);
  });

  it('are registered again in a registry that was cleared', async () => {
    const { registry } = kept();
    registry.clear();
    const { metrics, lines } = kept('api', registry);
    metrics.call(EVENT);
    expect(await lines('call_duration_seconds_count')).toHaveLength(1);
  });
});

describe('the table of metrics', () => {
  it('follows the conventions of Prometheus', () => {
    for (const { name, type, help } of Object.values<MetricDefinition>(METRIC_TABLE)) {
      expect(name).toMatch(/^[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(help).toMatch(/^[A-Z0-9].*\.$/s);
    }
  });
});
