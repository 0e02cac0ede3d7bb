import { createHash } from 'node:crypto';
import { DatabaseError } from '../../contract/errors.ts';
import type { CacheStats } from '../typed/cache-report.ts';
import type { ConnectionStats } from '../typed/connection-stats.ts';
import type { HealthReport, ModeHealth } from '../typed/health-report.ts';
import type { Monitoring } from '../typed/monitoring.ts';
import type { QueryMetrics } from '../typed/query-metrics.ts';
import type { RecentFailure } from '../typed/recent-failure.ts';
import { cacheHitRatio } from './cache-hit-ratio.ts';
import { Html, html } from './html.ts';
import { STATUS_STYLE } from './status-style.ts';
import { type StatusColumn, table } from './status-table.ts';

const REFRESH_SECONDS = 5;
const SHAPES = 15;
/** Of all shapes, to find the slowest. */
const ALL = 10_000;
const FAILURES = 20;

const STYLE = new Html(STATUS_STYLE);
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STATUS_STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** For whoever mounts the page by itself. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `${POLICY}; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/**
 * One HTML document that shows the state of a service: modes, breakers, pools, queues, the cache, the slowest shapes of calls and
 * the latest failures. It loads nothing else, has no script, and refreshes itself every 5 s. It names tables and error codes,
 * never a value, so mount it where only you can read it. Each load is one health check.
 *
 * @example
 * ```ts
 * app.get('/internal/status', async (c) => c.html(await statusPage(db)));
 * ```
 */
export async function statusPage(db: Monitoring): Promise<string> {
  const health = await db.healthCheck();
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${health.status} · database</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>Database: <span class="state ${health.status}">${health.status}</span></h1>
<time>${new Date(health.at).toISOString()}</time></header>
<h2>Modes</h2>${modes(health)}
<h2>Connections</h2>${pools(db.getConnectionStats())}
<h2>Cache</h2>${cached(db.cache.stats())}
<h2>Slowest calls, by P95</h2>${kept(() => shapes(db.getQueryMetrics(undefined, { limit: ALL })))}
<h2>Latest failures</h2>${kept(() => failures(db.getRecentFailures()))}
</body>
</html>`;
  return `${page}\n`;
}

function modes({ modes: all }: HealthReport): Html {
  const columns: readonly StatusColumn<ModeHealth>[] = [
    { name: 'mode', cell: ({ mode }) => mode },
    { name: 'login', cell: ({ login }) => login },
    { name: 'status', cell: ({ status }) => state(status) },
    { name: 'breaker', cell: ({ breaker }) => state(breaker) },
    { name: 'latency', isNumber: true, cell: ({ latencyMs }) => milliseconds(latencyMs) },
    { name: 'login checked', cell: ({ loginChecked }) => (loginChecked ? 'yes' : 'no') },
    { name: 'server', cell: ({ serverVersion }) => serverVersion ?? '–' },
    { name: 'error', cell: ({ errorCode }) => errorCode ?? '–' },
  ];
  return table(columns, all, 'No mode is configured.');
}

function pools(all: readonly ConnectionStats[]): Html {
  const columns: readonly StatusColumn<ConnectionStats>[] = [
    { name: 'mode', cell: ({ mode }) => mode },
    { name: 'login', cell: ({ login }) => login },
    { name: 'in use', isNumber: true, cell: ({ active }) => active },
    { name: 'idle', isNumber: true, cell: ({ idle }) => idle },
    { name: 'maximum', isNumber: true, cell: ({ max }) => max },
    {
      name: 'utilization',
      isNumber: true,
      cell: ({ utilization }) => {
        const percent = Math.round(utilization * 100);
        return html`<meter min="0" max="100" low="50" high="80" optimum="0" value="${percent}"></meter> ${percent} %`;
      },
    },
    { name: 'waiting calls', isNumber: true, cell: ({ waiting }) => waiting },
  ];
  return table(columns, all, 'No mode is configured.');
}

function cached(stats: CacheStats): Html {
  const ratio = cacheHitRatio(stats);
  const columns: readonly StatusColumn<CacheStats>[] = [
    { name: 'hits', isNumber: true, cell: ({ hits }) => hits },
    { name: 'stale', isNumber: true, cell: ({ stale }) => stale },
    { name: 'shared', isNumber: true, cell: ({ shared }) => shared },
    { name: 'misses', isNumber: true, cell: ({ misses }) => misses },
    { name: 'hit rate', isNumber: true, cell: () => `${Math.round((ratio ?? 0) * 100)} %` },
    { name: 'answers', isNumber: true, cell: ({ entries }) => entries },
    {
      name: 'memory',
      isNumber: true,
      cell: ({ bytes, maxBytes }) => `${mebibytes(bytes)} of ${mebibytes(maxBytes)} MiB`,
    },
    { name: 'evictions', isNumber: true, cell: ({ evictions }) => evictions },
    {
      name: 'hears others',
      cell: ({ listening }) => (listening === undefined ? '–' : listening ? 'yes' : 'no'),
    },
    {
      name: 'second level',
      isNumber: true,
      cell: ({ secondLevel: level }) => {
        if (level === undefined) return '–';
        return `${level.hits} of ${level.hits + level.misses}${level.working ? '' : ', away'}`;
      },
    },
  ];
  return table(columns, ratio === undefined ? [] : [stats], 'No call has asked for it yet.');
}

function shapes(all: readonly QueryMetrics[]): Html {
  const columns: readonly StatusColumn<QueryMetrics>[] = [
    { name: 'operation', cell: ({ operation }) => operation },
    { name: 'table', cell: ({ table: name }) => name ?? '–' },
    { name: 'calls', isNumber: true, cell: ({ calls }) => calls },
    { name: 'errors', isNumber: true, cell: ({ errors }) => errors },
    { name: 'rows', isNumber: true, cell: ({ rows }) => rows },
    { name: 'P50', isNumber: true, cell: ({ p50Ms }) => milliseconds(p50Ms) },
    { name: 'P95', isNumber: true, cell: ({ p95Ms }) => milliseconds(p95Ms) },
    { name: 'P99', isNumber: true, cell: ({ p99Ms }) => milliseconds(p99Ms) },
  ];
  const slowest = all.toSorted((one, other) => other.p95Ms - one.p95Ms).slice(0, SHAPES);
  return table(columns, slowest, 'No calls yet.');
}

function failures(all: readonly RecentFailure[]): Html {
  const columns: readonly StatusColumn<RecentFailure>[] = [
    { name: 'at', cell: ({ at }) => new Date(at).toISOString().slice(11, 19) },
    { name: 'operation', cell: ({ operation }) => operation },
    { name: 'table', cell: ({ table: name }) => name ?? '–' },
    { name: 'mode', cell: ({ mode }) => mode ?? '–' },
    { name: 'outcome', cell: ({ outcome }) => outcome },
    { name: 'error', cell: ({ errorCode }) => errorCode },
    { name: 'took', isNumber: true, cell: ({ milliseconds: took }) => milliseconds(took) },
  ];
  return table(columns, all.slice(0, FAILURES), 'None.');
}

/** What only a service with metrics has. */
function kept(part: () => Html): Html {
  try {
    return part();
  } catch (error) {
    if (error instanceof DatabaseError && error.code === 'METRICS_OFF')
      return html`<p class="none">Set the option “metrics” to see them.</p>`;
    throw error;
  }
}

function state(name: string): Html {
  return html`<span class="state ${name}">${name}</span>`;
}

function milliseconds(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
