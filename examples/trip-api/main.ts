import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { getConnInfo } from '@hono/node-server/conninfo';
import {
  createApiKeyVerifier,
  createDatabaseService,
  createSearchRecorder,
  localAuth,
  service,
  shutdown,
} from '../../src/index.ts';
import { tripApi } from './app.ts';
import type { Database } from './database.types.ts';
import { serveApi } from './serve.ts';
import { TripEvents } from './trip-events.ts';

// On a server: the URLs that `cdb init` printed, and the secret or the published keys that tokens are verified with.
const { env } = process;
const events = new TripEvents();
const db = createDatabaseService<Database>({
  direct: env.CDB_DIRECT_URL,
  session: env.CDB_SESSION_URL,
  transaction: env.CDB_TRANSACTION_URL,
  service: {
    direct: env.CDB_SERVICE_DIRECT_URL,
    session: env.CDB_SERVICE_SESSION_URL,
    transaction: env.CDB_SERVICE_TRANSACTION_URL,
  },
  ...(env.CDB_TLS_CA && { tls: { ca: await readFile(env.CDB_TLS_CA, 'utf8') } }),
  jwt: { secret: env.CDB_JWT_SECRET, jwksUrl: env.CDB_JWKS_URL },
  metrics: true,
  onEvent: events.onEvent,
});
// With the secret it can make tokens itself.
const auth =
  env.CDB_JWT_SECRET === undefined
    ? undefined
    : localAuth({ db: db.as(service()), jwt: { secret: env.CDB_JWT_SECRET } });
const apiKeys = createApiKeyVerifier(db.as(service()));
const searches = createSearchRecorder(db);
const app = tripApi({
  db,
  events,
  auth,
  addressOf: (context) => getConnInfo(context).remote.address,
  apiKeys,
  searches,
  log: (fault) => console.error(JSON.stringify(fault)),
  mayMonitor: monitoredBy(env.MONITORING_TOKEN),
});
const { url, stop } = await serveApi(app, {
  events,
  port: Number(env.PORT ?? 8080),
  hostname: env.HOST,
});
console.log(url);

// No new requests; those under way get their answers, then the connections close.
shutdown(db, {
  before: () => stop().then(() => Promise.all([apiKeys.close(), searches.close()])),
  drainMs: 25_000,
});

/** Without a token of their own nobody reads metrics and the status page, which name tables. */
function monitoredBy(token: string | undefined): (request: Request) => boolean {
  if (token === undefined || token === '') return () => false;
  const wanted = digestOf(token);
  // Of equal length, and compared in constant time.
  return ({ headers }) => timingSafeEqual(digestOf(headers.get('x-monitoring-token') ?? ''), wanted);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
