import { Hono } from 'hono';
import { z } from 'zod';
import { requestUser } from '../../../src/http/index.ts';
import { type ConsolidatedDatabaseService, type CreatedApiKey, createApiKeys } from '../../../src/index.ts';
import type { Database } from '../database.types.ts';
import { body, valid } from '../request-input.ts';

const NewKey = z.strictObject({
  name: z.string(),
  scopes: z.array(z.enum(['trips:read', 'trips:write'])).default([]),
  expiresAt: z.string().nullable().exactOptional(),
});
const Rotation = z.strictObject({ overlapMs: z.number().exactOptional() });

/** The API keys of the caller, who has to be signed in: an API key makes no keys. */
export function apiKeyRoutes(db: ConsolidatedDatabaseService<Database>): Hono {
  const keys = createApiKeys(db);
  const routes = new Hono();

  routes.use(async (_c, next) => {
    requestUser();
    await next();
  });

  routes.get('/', async (c) => c.json({ keys: (await keys.list()).rows }));

  routes.post('/', async (c) => {
    const created = await keys.create(valid(NewKey, await body(c.req.raw)));
    return c.json(shownOnce(created), 201, { 'cache-control': 'no-store' });
  });

  routes.post('/:id/rotate', async (c) => {
    const rotation = valid(Rotation, await body(c.req.raw));
    const created = await keys.rotate(c.req.param('id'), rotation);
    return c.json(shownOnce(created), 201, { 'cache-control': 'no-store' });
  });

  routes.delete('/:id', async (c) => c.json(await keys.revoke(c.req.param('id'))));

  return routes;
}

function shownOnce({ key, record }: CreatedApiKey) {
  return { ...record, key: key.reveal() };
}
