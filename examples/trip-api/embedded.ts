/** `npm run example`: the API on Postgres inside this process, with real places and two users. */
import { randomBytes } from 'node:crypto';
import { createDatabaseService, shutdown } from '../../src/index.ts';
import { tripApi } from './app.ts';
import type { Database } from './database.types.ts';
import { migrations, seed, tokenOf } from './sample-data.ts';
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
await seed(db);
const app = tripApi({
  db,
  events,
  log: (fault) => console.error(JSON.stringify(fault)),
  // It listens on this machine alone.
  mayMonitor: () => true,
});
const { url, stop } = await serveApi(app, { events, port: Number(process.env.PORT ?? 8080) });
console.log(url);
console.log(`Ana's token: ${await tokenOf('ana', secret)}`);
console.log(`Ben's token: ${await tokenOf('ben', secret)}`);
shutdown(db, { before: stop });
