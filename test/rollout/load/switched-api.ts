import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { callerId } from '../../../examples/trip-api/caller-id.ts';
import { body, valid } from '../../../examples/trip-api/request-input.ts';
import {
  forHono,
  type IdentifyingService,
  type LoggedFault,
  requestSignal,
} from '../../../src/http/index.ts';
import { type DatabaseOperations, NotFoundError, op } from '../../../src/index.ts';
import type { Database } from '../../support/database.generated.ts';

const COLUMNS = ['id', 'title', 'status', 'budget', 'tags', 'updated_at'] as const;
const NewTrip = z.strictObject({ title: z.string() });
const Changes = z.strictObject({ description: z.string() });
const Id = z.uuid();

interface SwitchedApiParts {
  /** Verifies the tokens. */
  readonly verifier: IdentifyingService;
  readonly operations: DatabaseOperations<Database['public']>;
  readonly log: (fault: LoggedFault) => void;
}

/**
 * Paths of the example `trip-api`, as they are in a project on its way: behind a rollout, so with the operations that both sides
 * have. Each request makes one call.
 *
 * The example itself shows what comes after: its routes use transactions, pages by key and notifications.
 */
export function switchedApi({ verifier, operations, log }: SwitchedApiParts): Hono {
  const routes = new Hono();
  const http = forHono(verifier, { log, anonymous: 'refuse' });
  routes.onError(http.onError);
  routes.use(http.caller);
  const as = (c: Context) =>
    operations.withToken(c.req.header('authorization')?.slice('Bearer '.length) ?? '');

  routes.get('/profile', async (c) =>
    c.json(await as(c).selectOne('profiles', { filters: { id: callerId() }, signal: requestSignal() })),
  );

  routes.get('/destinations', async (c) => {
    const destinations = await as(c).select('destinations', {
      columns: ['id', 'name', 'country_code'],
      filters: { search: op.textSearch(c.req.query('text') ?? '', { type: 'websearch', config: 'simple' }) },
      orderBy: 'id',
      limit: 10,
      signal: requestSignal(),
    });
    return c.json({ destinations });
  });

  routes.get('/trips', async (c) => {
    const trips = await as(c).select('trips', {
      columns: COLUMNS,
      filters: { owner_id: callerId() },
      orderBy: [{ column: 'created_at', direction: 'desc' }, 'id'],
      limit: 20,
      signal: requestSignal(),
    });
    return c.json({ trips });
  });

  routes.get('/trips/:id', async (c) => {
    const filters = { id: valid(Id, c.req.param('id')) };
    return c.json(await as(c).selectOne('trips', { columns: COLUMNS, filters, signal: requestSignal() }));
  });

  routes.post('/trips', async (c) => {
    const given = valid(NewTrip, await body(c.req.raw));
    return c.json(await as(c).insert('trips', given, { returning: COLUMNS }), 201);
  });

  routes.patch('/trips/:id', async (c) => {
    const filters = { id: valid(Id, c.req.param('id')) };
    const changes = valid(Changes, await body(c.req.raw));
    const [trip] = await as(c).update('trips', changes, { filters, returning: COLUMNS });
    if (trip === undefined) throw new NotFoundError('There is no such trip.');
    return c.json(trip);
  });

  return routes;
}
