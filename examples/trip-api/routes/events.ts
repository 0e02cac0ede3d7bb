import { Hono } from 'hono';
import { requestSignal, requestUser } from '../../../src/http/index.ts';
import type { ConsolidatedDatabaseService } from '../../../src/index.ts';
import type { Database } from '../database.types.ts';
import { textResponse } from '../text-response.ts';
import type { TripEvent, TripEvents } from '../trip-events.ts';

/** What changes among the trips of the caller, as server-sent events: `reload`, and `changed` with id and title. */
export function eventRoutes(db: ConsolidatedDatabaseService<Database>, events: TripEvents): Hono {
  return new Hono().get('/', async () => {
    const heard = await events.open(db, requestUser(), requestSignal());
    return textResponse(serverSent(heard), { 'content-type': 'text/event-stream' });
  });
}

async function* serverSent(events: AsyncGenerator<TripEvent, void>): AsyncGenerator<string, void> {
  for await (const event of events) {
    const data = event.type === 'changed' ? event.trip : {};
    yield `event: ${event.type}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}
