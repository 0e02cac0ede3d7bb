import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import {
  AuthenticationError,
  anonymous,
  type ConsolidatedDatabaseService,
  DatabaseError,
  publicError,
  type UserIdentity,
  ValidationError,
} from '../../src/index.ts';
import type { Database } from './database.types.ts';

const NewTrip = z.object({ title: z.string().min(1).max(200), tags: z.array(z.string()).default([]) });
const Renamed = z.object({ title: z.string().min(1).max(200), updated_at: z.iso.datetime({ offset: true }) });
const Shared = z.object({ with: z.uuid(), role: z.enum(['viewer', 'editor']) });

/** The requests of an HTTP service. Each runs as its caller, and row level security decides what it sees. */
export function tripsApp(db: ConsolidatedDatabaseService<Database>, log: (entry: object) => void) {
  const app = new Hono<{ Variables: { caller: UserIdentity | undefined } }>();

  app.use(bodyLimit({ maxSize: 100_000, onError: (c) => c.json(TOO_LARGE, 413, PROBLEM) }));

  // Verified once. All that is awaited inside runs as this caller, without passing it on.
  app.use(async (c, next) => {
    const token = c.req.header('authorization')?.replace(/^Bearer /i, '');
    const caller = token === undefined ? undefined : await db.verify(token);
    c.set('caller', caller);
    await db.runAs(caller ?? anonymous(), next);
  });

  // No database call: the claims are verified.
  app.get('/me', (c) => {
    const caller = c.get('caller');
    if (caller === undefined) throw new AuthenticationError('No token.', { code: 'IDENTITY_REQUIRED' });
    return c.json({ id: caller.claims.sub, expires: caller.claims.exp });
  });

  // A client that goes away aborts its statement.
  app.get('/trips', async (c) => {
    const trips = await db.select('trips', {
      columns: ['id', 'title', 'tags', 'updated_at'],
      orderBy: ['title', 'id'],
      limit: 100,
      signal: c.req.raw.signal,
    });
    return c.json(trips);
  });

  app.post('/trips', async (c) => {
    const trip = valid(NewTrip, await body(c.req.raw));
    return c.json(await db.insert('trips', trip, { signal: c.req.raw.signal }), 201);
  });

  // 409 when somebody else changed the trip since the client read it, 404 when there is none.
  app.patch('/trips/:id', async (c) => {
    const { title, updated_at } = valid(Renamed, await body(c.req.raw));
    const filters = { id: valid(z.uuid(), c.req.param('id')) };
    return c.json(await db.update('trips', { title }, { filters, unchanged: { updated_at } }));
  });

  // Both or neither, and again after a conflict with another transaction.
  app.post('/trips/:id/share', async (c) => {
    const { with: user_id, role } = valid(Shared, await body(c.req.raw));
    const id = valid(z.uuid(), c.req.param('id'));
    const shared = await db.transaction(
      async (tx) => {
        await tx.upsert('trip_collaborators', { trip_id: id, user_id, role });
        return tx.update('trips', { metadata: { shared: true } }, { filters: { id }, expect: 1 });
      },
      { retries: 2, signal: c.req.raw.signal },
    );
    return c.json(shared);
  });

  app.notFound((c) => c.json(NO_SUCH_PATH, 404, PROBLEM));

  // The client reads what it can act on; the log gets the rest, without values.
  app.onError((error, c) => {
    const problem = publicError(error);
    if (problem.status >= 500) log(error instanceof DatabaseError ? error.toJSON() : { stack: error.stack });
    return c.json(problem, problem.status, PROBLEM);
  });

  return app;
}

const PROBLEM = { 'content-type': 'application/problem+json' };
const TOO_LARGE = { type: 'about:blank', title: 'Content Too Large', status: 413, code: 'TOO_LARGE' };
const NO_SUCH_PATH = { type: 'about:blank', title: 'Not Found', status: 404, code: 'NO_SUCH_PATH' };

async function body(request: Request): Promise<unknown> {
  return request.json().catch(() => {
    throw new ValidationError('The body is not JSON.');
  });
}

function valid<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.');
  throw new ValidationError(z.prettifyError(parsed.error), field === '' ? {} : { field });
}
