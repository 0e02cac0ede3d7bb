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
  for await (const event of events) yield textOf(event);
}

function textOf(event: TripEvent): string {
  switch (event.type) {
    case 'changed':
      return `event: changed\ndata: ${JSON.stringify(event.trip)}\n\n`;
    case 'reload':
      return 'event: reload\ndata: {}\n\n';
    case 'quiet':
      return ': quiet\n\n';
  }
}
