import { Hono } from 'hono';
import { z } from 'zod';
import { requestSignal } from '../../../src/http/index.ts';
import type { ConsolidatedDatabaseService } from '../../../src/index.ts';
import { callerId } from '../caller-id.ts';
import type { Database } from '../database.types.ts';
import { valid } from '../request-input.ts';
import { inChunks, textResponse } from '../text-response.ts';

const COLUMNS = ['id', 'title', 'status', 'starts_on', 'ends_on', 'budget', 'currency', 'tags'] as const;
/** The stream has a connection of its own for as long as the client reads. */
const LONGEST_MS = 5 * 60_000;
const Format = z.strictObject({ format: z.enum(['ndjson', 'csv']).default('ndjson') });

type Exported = Pick<Database['public']['Tables']['trips']['Row'], (typeof COLUMNS)[number]>;

/** All trips of the caller's own, in constant memory however many there are: read as fast as the client takes them. */
export function exportRoutes(db: ConsolidatedDatabaseService<Database>): Hono {
  return new Hono().get('/', async (c) => {
    const { format } = valid(Format, c.req.query());
    const trips = db.stream('trips', {
      columns: COLUMNS,
      filters: { owner_id: callerId() },
      orderBy: ['created_at', 'id'],
      timeoutMs: LONGEST_MS,
      signal: requestSignal(),
      label: 'trips.export',
    });
    return textResponse(inChunks(format === 'csv' ? csv(trips) : ndjson(trips)), {
      'content-type': format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
      'content-disposition': `attachment; filename="trips.${format}"`,
    });
  });
}

async function* ndjson(trips: AsyncIterable<Exported>): AsyncGenerator<string, void> {
  for await (const trip of trips) yield `${JSON.stringify(trip)}\n`;
}

async function* csv(trips: AsyncIterable<Exported>): AsyncGenerator<string, void> {
  yield lineOf(COLUMNS);
  for await (const trip of trips) yield lineOf(COLUMNS.map((column) => trip[column]));
}

/** RFC 4180. */
function lineOf(values: readonly (string | number | readonly string[] | null)[]): string {
  return `${values.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: string | number | readonly string[] | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : value.join(' ');
  // Spreadsheets run what looks like a formula; the apostrophe keeps it a text.
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
