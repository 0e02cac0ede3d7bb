/** `npm run example`: the API on Postgres inside this process, with real places and two users. */
import { randomBytes } from 'node:crypto';
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
import { migrations, seed } from './sample-data.ts';
import { serveApi } from './serve.ts';
import { TripEvents } from './trip-events.ts';

// Of this run alone.
const secret = randomBytes(32).toString('base64url');
const events = new TripEvents();
const db = createDatabaseService<Database>({
  embedded: { sql: await migrations() },
  jwt: { secret },
  metrics: true,
  onEvent: events.onEvent,
});
const auth = localAuth({ db: db.as(service()), jwt: { secret } });
const apiKeys = createApiKeyVerifier(db.as(service()));
const searches = createSearchRecorder(db);
const password = randomBytes(6).toString('base64url');
const emails = await seed(db, auth, password);
const app = tripApi({
  db,
  events,
  auth,
  addressOf: (context) => getConnInfo(context).remote.address,
  apiKeys,
  searches,
  log: (fault) => console.error(JSON.stringify(fault)),
  // It listens on this machine alone.
  mayMonitor: () => true,
});
const { url, stop } = await serveApi(app, { events, port: Number(process.env.PORT ?? 8080) });
console.log(url);
console.log(`Sign in as ${emails.join(' or as ')}. The password of both is ${password}`);
shutdown(db, { before: () => stop().then(() => Promise.all([apiKeys.close(), searches.close()])) });
