import { serve } from '@hono/node-server';
import { getDatabaseService, shutdown } from '../../src/index.ts';
import { tripsApp } from './app.ts';
import type { Database } from './database.types.ts';

// Of the environment: CDB_DIRECT_URL, CDB_TRANSACTION_URL and others; CDB_JWT_SECRET and CDB_JWKS_URL, one or both.
const db = getDatabaseService<Database>();
const app = tripsApp(db, (entry) => console.error(JSON.stringify(entry)));
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8080) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);

// No new requests; those under way get their answers, then the connections close.
shutdown(db, { before: () => new Promise((resolve) => server.close(resolve)) });
