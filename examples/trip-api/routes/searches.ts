import { Hono } from 'hono';
import { z } from 'zod';
import { requestSignal } from '../../../src/http/index.ts';
import { type ConsolidatedDatabaseService, createSearchHistory } from '../../../src/index.ts';
import { callerId } from '../caller-id.ts';
import type { Database } from '../database.types.ts';
import { cursorOf, cursorTo, valid } from '../request-input.ts';

const Position = z.strictObject({
  id: z.number().int().exactOptional(),
  searched_at: z.iso.datetime({ offset: true }).exactOptional(),
});
const Recent = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: cursorTo(Position).exactOptional(),
});
const Popular = z.strictObject({ since: z.iso.datetime({ offset: true }) });

/** What the caller has searched for, and what many did. */
export function searchRoutes(db: ConsolidatedDatabaseService<Database>): Hono {
  const history = createSearchHistory(db);
  const routes = new Hono();

  routes.get('/', async (c) => {
    const { rows, next } = await history.recent(callerId(), {
      ...valid(Recent, c.req.query()),
      signal: requestSignal(),
    });
    return c.json({ searches: rows, next: cursorOf(next) });
  });

  routes.get('/popular', async (c) => {
    const { since } = valid(Popular, c.req.query());
    return c.json({ searches: await history.popular({ since, signal: requestSignal() }) });
  });

  routes.delete('/', async (c) => c.json({ forgotten: await history.forget(callerId()) }));

  return routes;
}
