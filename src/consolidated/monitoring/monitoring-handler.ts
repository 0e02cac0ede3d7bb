import { type Clock, systemClock } from '../../contract/clock.ts';
import { UsageError } from '../../contract/errors.ts';
import type { HealthStatus } from '../typed/health-report.ts';
import type { Monitoring } from '../typed/monitoring.ts';
import { PAGE_HEADERS, statusPage } from './status-page.ts';

/** Options of `monitoringHandler`. */
export interface MonitoringHandlerOptions {
  /** What the paths begin with, such as `/internal`. @defaultValue '' */
  readonly basePath?: string;
  /**
   * Who may read `/metrics` and `/status`, which name your tables. Without it everybody who reaches them may.
   * `/health/live` and `/health/ready` say one word, and are open to all.
   */
  readonly authorize?: (request: Request) => boolean | Promise<boolean>;
  /** Milliseconds for one health check. @defaultValue 2000 */
  readonly healthTimeoutMs?: number;
  /** Milliseconds for which the result of a health check is told again. @defaultValue 1000 */
  readonly healthMaxAgeMs?: number;
  /** @internal */
  readonly clock?: Clock;
}

/** Answers a request, in the manner of `fetch`. */
export type MonitoringHandler = (request: Request) => Promise<Response>;

const HEALTH_TIMEOUT_MS = 2_000;
const HEALTH_MAX_AGE_MS = 1_000;
const NEVER_KEPT = { 'cache-control': 'no-store' };

/**
 * Answers `/metrics`, `/health/live`, `/health/ready` and `/status`, for whatever serves Fetch-style handlers; for
 * `node:http` see `nodeListener`. No answer has the name of a host or a login, or the text of an error.
 *
 * - `/health/live`: 200 as long as the process answers. It asks no database: restarting the process does not repair one.
 * - `/health/ready`: 200 if the service is `ok` or `degraded`, 503 if it is `down`.
 *
 * @example
 * ```ts
 * const monitoring = monitoringHandler(db, { authorize: (request) => isInternal(request) });
 * app.get('/metrics', (c) => monitoring(c.req.raw));
 * ```
 */
export function monitoringHandler(db: Monitoring, options: MonitoringHandlerOptions = {}): MonitoringHandler {
  const { basePath = '', authorize, healthTimeoutMs = HEALTH_TIMEOUT_MS } = options;
  if (typeof basePath !== 'string' || !/^(?:\/[^/?#]+)*$/.test(basePath)) {
    throw new UsageError(
      "The option 'basePath' must be empty, or a path that begins with / and ends without one.",
    );
  }
  if (authorize !== undefined && typeof authorize !== 'function') {
    throw new UsageError("The option 'authorize' must be a function.");
  }
  const { clock = systemClock, healthMaxAgeMs = HEALTH_MAX_AGE_MS } = options;
  const health = new KeptHealth(db, clock, healthTimeoutMs, healthMaxAgeMs);
  const pages: Readonly<Record<string, { readonly isOpen: boolean; answer(): Promise<Response> }>> = {
    '/health/live': { isOpen: true, answer: async () => healthAnswer('ok') },
    '/health/ready': { isOpen: true, answer: async () => healthAnswer(await health.status()) },
    '/metrics': { isOpen: false, answer: () => metricsAnswer(db) },
    '/status': { isOpen: false, answer: () => statusAnswer(db) },
  };
  return async (request) => {
    const { pathname } = new URL(request.url);
    const path = pathname.startsWith(basePath) ? pathname.slice(basePath.length) : '';
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page === undefined) return plain(404, 'Not Found');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return plain(405, 'Method Not Allowed', { allow: 'GET, HEAD' });
    }
    try {
      if (!page.isOpen && authorize !== undefined && (await authorize(request)) !== true) {
        return plain(403, 'Forbidden');
      }
      const answer = await page.answer();
      return request.method === 'HEAD' ? new Response(null, answer) : answer;
    } catch {
      // The error is told to whoever made it, never to whoever asks.
      return plain(500, 'Internal Server Error');
    }
  };
}

/** A health check that many ask for costs the database no more than one in a second. */
class KeptHealth {
  readonly #db: Monitoring;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #maxAgeMs: number;
  #status: HealthStatus = 'down';
  #at = Number.NEGATIVE_INFINITY;

  constructor(db: Monitoring, clock: Clock, timeoutMs: number, maxAgeMs: number) {
    this.#db = db;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#maxAgeMs = maxAgeMs;
  }

  async status(): Promise<HealthStatus> {
    if (this.#clock.now() >= this.#at + this.#maxAgeMs) {
      this.#status = (await this.#db.healthCheck({ timeoutMs: this.#timeoutMs })).status;
      this.#at = this.#clock.now();
    }
    return this.#status;
  }
}

function healthAnswer(status: HealthStatus): Response {
  return Response.json({ status }, { status: status === 'down' ? 503 : 200, headers: NEVER_KEPT });
}

async function metricsAnswer(db: Monitoring): Promise<Response> {
  const { contentType, body } = await db.metrics();
  return new Response(body, { headers: { ...NEVER_KEPT, 'content-type': contentType } });
}

async function statusAnswer(db: Monitoring): Promise<Response> {
  return new Response(await statusPage(db), { headers: { ...NEVER_KEPT, ...PAGE_HEADERS } });
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...NEVER_KEPT, 'content-type': 'text/plain; charset=utf-8', ...headers },
  });
}
