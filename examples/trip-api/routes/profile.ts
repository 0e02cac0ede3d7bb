import { Hono } from 'hono';
import { z } from 'zod';
import { requestSignal } from '../../../src/http/index.ts';
import { type ConsolidatedDatabaseService, createUsers } from '../../../src/index.ts';
import { callerId } from '../caller-id.ts';
import type { Database } from '../database.types.ts';
import { body, valid } from '../request-input.ts';

const Changes = z.strictObject({
  username: z.string().exactOptional(),
  display_name: z.string().exactOptional(),
  home_country: z.string().nullable().exactOptional(),
});
const Preferences = z.record(z.string(), z.json());

/** The profile of the caller. */
export function profileRoutes(db: ConsolidatedDatabaseService<Database>): Hono {
  const users = createUsers(db);
  const routes = new Hono();

  routes.get('/', async (c) => c.json(await users.get(callerId(), { signal: requestSignal() })));

  routes.patch('/', async (c) => {
    const changes = valid(Changes, await body(c.req.raw));
    return c.json(await users.change(callerId(), changes));
  });

  // A merge: what is not named stays, null takes away.
  routes.patch('/preferences', async (c) => {
    const patch = valid(Preferences, await body(c.req.raw));
    return c.json(await users.changePreferences(callerId(), patch));
  });

  return routes;
}
