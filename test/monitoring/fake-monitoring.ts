import type {
  CacheStats,
  ConnectionStats,
  HealthReport,
  HealthStatus,
  ModeHealth,
  Monitoring,
  QueryMetrics,
  RecentFailure,
} from '../../src/index.ts';

const WAY = { mode: 'transaction', login: 'users' } as const;

interface Given {
  readonly status?: HealthStatus;
  readonly modes?: readonly ModeHealth[];
  readonly connections?: readonly ConnectionStats[];
  readonly shapes?: readonly QueryMetrics[];
  readonly failures?: readonly RecentFailure[];
  readonly cache?: CacheStats;
}

/** What a service tells of itself, as the test wants it. Counts the health checks. */
export function fakeMonitoring(given: Given = {}): Monitoring & { checks: number; status: HealthStatus } {
  const fake = {
    checks: 0,
    status: given.status ?? 'ok',
    healthCheck: async (): Promise<HealthReport> => {
      fake.checks += 1;
      return { status: fake.status, modes: given.modes ?? [modeHealth({})], at: 1_796_000_000_000 };
    },
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'cdb_up 1\n' }),
    getConnectionStats: () => [...(given.connections ?? [connections({})])],
    getQueryMetrics: () => [...(given.shapes ?? [shape({})])],
    getRecentFailures: () => [...(given.failures ?? [failure({})])],
    cache: { stats: () => given.cache ?? cacheStats({}) },
  };
  return fake;
}

export function cacheStats(given: Partial<CacheStats>): CacheStats {
  return {
    entries: 120,
    bytes: 13 * 1024 * 1024,
    maxBytes: 64 * 1024 * 1024,
    hits: 900,
    stale: 30,
    shared: 20,
    misses: 50,
    refused: {},
    evictions: 7,
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
    ...given,
  };
}

export function modeHealth(given: Partial<ModeHealth>): ModeHealth {
  return {
    ...WAY,
    status: 'ok',
    latencyMs: 1.25,
    breaker: 'closed',
    serverVersion: '17.2',
    loginChecked: true,
    errorCode: undefined,
    ...given,
  };
}

export function connections(given: Partial<ConnectionStats>): ConnectionStats {
  return {
    ...WAY,
    active: 3,
    idle: 2,
    waiting: 0,
    max: 32,
    utilization: 3 / 32,
    breaker: 'closed',
    ...given,
  };
}

export function shape(given: Partial<QueryMetrics>): QueryMetrics {
  return {
    operation: 'select',
    table: 'public.trips',
    calls: 1_204,
    errors: 0,
    rows: 24_080,
    p50Ms: 1.4,
    p95Ms: 6.2,
    p99Ms: 18.9,
    maxMs: 31,
    totalMs: 2_300,
    ...given,
  };
}

export function failure(given: Partial<RecentFailure>): RecentFailure {
  return {
    at: 1_796_000_000_000,
    operation: 'insert',
    table: 'public.trips',
    mode: 'session',
    milliseconds: 2_004,
    outcome: 'unknown',
    errorCode: 'TIMEOUT',
    errorClass: 'TimeoutError',
    ...given,
  };
}
