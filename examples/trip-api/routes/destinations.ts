import { Hono } from 'hono';
import { z } from 'zod';
import { requestSignal } from '../../../src/http/index.ts';
import { type ConsolidatedDatabaseService, op } from '../../../src/index.ts';
import type { Database } from '../database.types.ts';
import { valid } from '../request-input.ts';
import type { Searched } from '../searched.ts';

const COLUMNS = ['id', 'name', 'country_code', 'population'] as const;
const Found = z.strictObject({
  text: z.string().trim().min(1).max(200),
  limit: z.coerce.number().int().min(1).max(50).default(10),
});
const Id = z.coerce.number().int().positive();

/** Places, which everybody may read: by their name, and by what they are like. */
export function destinationRoutes(db: ConsolidatedDatabaseService<Database>, searched: Searched): Hono {
  const routes = new Hono();

  routes.get('/', async (c) => {
    const { text, limit } = valid(Found, c.req.query());
    const destinations = await db.select('destinations', {
      columns: COLUMNS,
      filters: { search: op.textSearch(text, { type: 'websearch', config: 'simple' }) },
      orderBy: [{ column: 'population', direction: 'desc' }, 'id'],
      limit,
      cache: true,
      signal: requestSignal(),
    });
    searched({ query: text, result_count: destinations.length });
    return c.json({ destinations });
  });

  routes.get('/:id/alike', async (c) => {
    const destinations = await db.vectorSearch('destinations', {
      near: { id: valid(Id, c.req.param('id')) },
      columns: COLUMNS,
      limit: 10,
      signal: requestSignal(),
    });
    return c.json({ destinations });
  });

  return routes;
}
