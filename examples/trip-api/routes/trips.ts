import { Hono } from 'hono';
import { z } from 'zod';
import { requestSignal } from '../../../src/http/index.ts';
import { type ConsolidatedDatabaseService, createTrips } from '../../../src/index.ts';
import type { Database } from '../database.types.ts';
import { body, cursorOf, cursorTo, valid } from '../request-input.ts';
import type { Searched } from '../searched.ts';
import { tellChanged } from '../trip-events.ts';

const Id = z.uuid();
const Role = z.strictObject({ role: z.enum(['viewer', 'editor']) });
const Position = z.strictObject({
  id: z.uuid(),
  starts_on: z.iso.date().nullable().exactOptional(),
  created_at: z.iso.datetime({ offset: true }).exactOptional(),
});
const Listed = z.strictObject({
  status: z.enum(['planning', 'booked', 'completed', 'cancelled']).exactOptional(),
  tag: z.string().exactOptional(),
  order: z.enum(['starts_on', 'newest']).exactOptional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: cursorTo(Position).exactOptional(),
});
const Found = z.strictObject({
  text: z.string(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
/** Names and types; the rules are the module's. */
const fields = {
  title: z.string().exactOptional(),
  description: z.string().exactOptional(),
  destination_id: z.number().nullable().exactOptional(),
  visibility: z.enum(['private', 'public']).exactOptional(),
  starts_on: z.string().nullable().exactOptional(),
  ends_on: z.string().nullable().exactOptional(),
  budget: z.number().nullable().exactOptional(),
  currency: z.string().nullable().exactOptional(),
  tags: z.array(z.string()).exactOptional(),
  embedding: z.array(z.number()).nullable().exactOptional(),
};
const NewTrip = z.strictObject({ ...fields, title: z.string() });
const Changes = z.strictObject({
  ...fields,
  status: z.enum(['planning', 'booked', 'completed']).exactOptional(),
  updated_at: z.iso.datetime({ offset: true }).exactOptional(),
});

/** Trips as the caller of the request. */
export function tripRoutes(db: ConsolidatedDatabaseService<Database>, searched: Searched): Hono {
  const trips = createTrips(db);
  const routes = new Hono();

  /** A change and its notification: both or neither. */
  const changing = <T>(id: string, change: (inside: typeof trips) => Promise<T>): Promise<T> =>
    db.transaction(
      async (tx) => {
        const changed = await change(trips.with(tx));
        await tellChanged(tx, id);
        return changed;
      },
      { retries: 2 },
    );

  routes.get('/', async (c) => {
    const { rows, next } = await trips.list({ ...valid(Listed, c.req.query()), signal: requestSignal() });
    return c.json({ trips: rows, next: cursorOf(next) });
  });

  routes.get('/search', async (c) => {
    const asked = valid(Found, c.req.query());
    const found = await trips.search({ ...asked, signal: requestSignal() });
    searched({ query: asked.text, result_count: found.length });
    return c.json({ trips: found });
  });

  routes.get('/:id', async (c) => c.json(await trips.get(c.req.param('id'), { signal: requestSignal() })));

  routes.get('/:id/alike', async (c) =>
    c.json({ trips: await trips.alike({ id: c.req.param('id'), limit: 10, signal: requestSignal() }) }),
  );

  routes.post('/', async (c) => {
    const given = valid(NewTrip, await body(c.req.raw));
    const trip = await db.transaction(async (tx) => {
      const made = await trips.with(tx).create(given);
      await tellChanged(tx, made.id);
      return made;
    });
    return c.json(trip, 201, { location: `/trips/${trip.id}` });
  });

  // With `updated_at` of the trip that the client has: 409 where somebody else changed it since.
  routes.patch('/:id', async (c) => {
    const id = valid(Id, c.req.param('id'));
    const { updated_at, ...changes } = valid(Changes, await body(c.req.raw));
    const unchanged = updated_at === undefined ? {} : { unchanged: { updated_at } };
    return c.json(await changing(id, (inside) => inside.change(id, changes, unchanged)));
  });

  routes.post('/:id/cancel', async (c) => {
    const id = valid(Id, c.req.param('id'));
    return c.json(await changing(id, (inside) => inside.cancel(id)));
  });

  routes.delete('/:id', async (c) => {
    await trips.remove(c.req.param('id'));
    return c.body(null, 204);
  });

  routes.get('/:id/collaborators', async (c) =>
    c.json({ collaborators: await trips.collaborators(c.req.param('id'), { signal: requestSignal() }) }),
  );

  routes.put('/:id/collaborators/:userId', async (c) => {
    const id = valid(Id, c.req.param('id'));
    const { role } = valid(Role, await body(c.req.raw));
    return c.json(await changing(id, (inside) => inside.share(id, c.req.param('userId'), role)));
  });

  routes.delete('/:id/collaborators/:userId', async (c) => {
    await trips.unshare(c.req.param('id'), c.req.param('userId'));
    return c.body(null, 204);
  });

  return routes;
}
