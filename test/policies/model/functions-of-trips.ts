import type { Call } from '../operation.ts';
import type { Caller } from './caller.ts';
import { meetsChecks, refersToRows } from './constraints.ts';
import { defaultsOf } from './defaults.ts';
import type { NewId } from './functions.ts';
import { picked } from './matching.ts';
import type { Answer, Outcome } from './outcome.ts';
import { readableRows } from './read.ts';
import type { Trip } from './rows.ts';
import { SEARCHED_COLUMNS } from './searched-columns.ts';
import type { World } from './world.ts';

export function countTrips(world: World, caller: Caller, { with_status: status }: Call['args']): Answer {
  const trips = readableRows(world, caller, 'trips');
  return trips.filter((trip) => status === undefined || trip.status === status).length;
}

/** All words of the query have to be there. */
export function foundTrips(world: World, caller: Caller, args: Call['args']): Answer {
  const { query, with_status: status } = args;
  const wanted = wordsOf(String(query));
  return readableRows(world, caller, 'trips')
    .filter((trip) => status === undefined || trip.status === status)
    .filter(({ title, description }) => {
      const words = wordsOf(`${title} ${description}`);
      return wanted.every((word) => words.includes(word));
    })
    .map((trip) => picked(trip, SEARCHED_COLUMNS));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

export function cloneTrip(world: World, caller: Caller, args: Call['args'], newId: NewId): Outcome {
  const { trip_id: wanted, new_title: title } = args;
  const trip = readableRows(world, caller, 'trips').find(({ id }) => id === wanted);
  if (trip === undefined || caller.kind !== 'user') return { world, answer: { refused: 'raised' } };
  const { status, visibility, embedding } = defaultsOf('trips', caller) as Pick<
    Trip,
    'status' | 'visibility' | 'embedding'
  >;
  const clone: Trip = {
    ...trip,
    ...{ owner_id: caller.id, status, visibility, embedding },
    title: title === undefined ? `${trip.title} (copy)`.slice(0, 200) : String(title),
  };
  if (!meetsChecks('trips', clone)) return { world, answer: { refused: 'check' } };
  if (!refersToRows(world, 'trips', clone)) return { world, answer: { refused: 'reference' } };
  const id = newId();
  return { world: world.with('trips', [...world.trips, { ...clone, id }]), answer: [{ id }] };
}
