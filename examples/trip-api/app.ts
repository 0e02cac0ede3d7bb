import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { forHono, type HttpOptions, requestUser } from '../../src/http/index.ts';
import {
  type ApiKeyVerifier,
  type AuthService,
  type ConsolidatedDatabaseService,
  monitoringHandler,
  type SearchRecorder,
} from '../../src/index.ts';
import { callerId } from './caller-id.ts';
import type { Database } from './database.types.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { destinationRoutes } from './routes/destinations.ts';
import { eventRoutes } from './routes/events.ts';
import { exportRoutes } from './routes/export.ts';
import { pageRoutes } from './routes/page.ts';
import { profileRoutes } from './routes/profile.ts';
import { searchRoutes } from './routes/searches.ts';
import { type AddressOf, signInRoutes } from './routes/sign-in.ts';
import { tripRoutes } from './routes/trips.ts';
import { scoped } from './scoped.ts';
import { searchedBy } from './searched.ts';
import type { TripEvents } from './trip-events.ts';

const MAX_BODY_BYTES = 100_000;

interface TripApiOptions {
  readonly db: ConsolidatedDatabaseService<Database>;
  readonly events: TripEvents;
  /** Where users sign in; undefined where somebody else makes the tokens. */
  readonly auth: AuthService | undefined;
  readonly addressOf: AddressOf;
  readonly apiKeys: Pick<ApiKeyVerifier, 'verify'>;
  readonly searches: Pick<SearchRecorder, 'record'>;
  readonly log: HttpOptions['log'];
  /** Who may read metrics and the status page. */
  readonly mayMonitor: (request: Request) => boolean;
}

/** All that is served. Routes behind `caller` run as whoever calls, and row level security decides what they see. */
export function tripApi(options: TripApiOptions): Hono {
  const { db, events, auth, addressOf, apiKeys, searches, log, mayMonitor } = options;
  const searched = searchedBy(searches);
  const app = new Hono();
  const http = forHono(db, {
    log,
    identify: ({ header }) => {
      const key = header('x-api-key');
      return key === undefined ? undefined : apiKeys.verify(key);
    },
  });
  const monitoring = monitoringHandler(db, { authorize: mayMonitor });

  app.notFound(http.notFound);
  app.onError(http.onError);

  // Without a token: whoever checks health has none.
  app.on('GET', ['/health/*', '/metrics', '/status'], (c) => monitoring(c.req.raw));
  app.route('/', pageRoutes());
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }));
  // Nor who signs in.
  if (auth !== undefined) app.route('/sign-in', signInRoutes(auth, addressOf));

  app.use(http.caller);

  // No database call: the claims are verified.
  app.get('/me', (c) => c.json({ id: callerId(), expires: requestUser().claims.exp }));
  app.route('/destinations', destinationRoutes(db, searched));
  app.route('/api-keys', apiKeyRoutes(db));

  for (const path of ['/trips', '/trips/*', '/export', '/events']) app.use(path, scoped('trips'));
  app.route('/trips', tripRoutes(db, searched));
  app.route('/export', exportRoutes(db));
  app.route('/events', eventRoutes(db, events));

  for (const path of ['/searches', '/searches/*']) app.use(path, scoped('searches'));
  app.route('/searches', searchRoutes(db));

  for (const path of ['/profile', '/profile/*']) app.use(path, scoped('profile'));
  app.route('/profile', profileRoutes(db));
  return app;
}

function tooLarge(): never {
  throw new HTTPException(413);
}
