import type { Call } from '../operation.ts';
import type { Caller } from './caller.ts';
import { meetsChecks, refersToRows } from './constraints.ts';
import { defaultsOf } from './defaults.ts';
import { picked } from './matching.ts';
import type { Outcome } from './outcome.ts';
import { readableRows } from './read.ts';
import { hasRight } from './rights.ts';
import { COLUMNS, type Destination, type Trip } from './rows.ts';
import type { World } from './world.ts';

/** Generated destinations are further apart. */
const NEAR_KM = 5;

/** What a function gives, and what it does. The id of a trip that is cloned is made up by the database. */
export function call(world: World, caller: Caller, { name, args }: Call, clonedId: string): Outcome {
  switch (name) {
    case 'find_destinations':
      return {
        world,
        answer: foundDestinations(world, args).map((row) => picked(row, COLUMNS.destinations)),
      };
    case 'nearby_destinations':
      return { world, answer: nearbyDestinations(world, args).map((row) => picked(row, ['id', 'name'])) };
    case 'count_trips':
      return { world, answer: countTrips(world, caller, args.with_status) };
    case 'clone_trip':
      return cloneTrip(world, caller, args, clonedId);
  }
}

function foundDestinations({ destinations }: World, args: Call['args']): readonly Destination[] {
  const { named, country, min_population: least = 0 } = args;
  if (named !== undefined) return destinations.filter(({ name }) => name === named);
  return destinations.filter((row) => row.country_code === country && row.population >= Number(least));
}

function nearbyDestinations({ destinations }: World, { lat, lon }: Call['args']): readonly Destination[] {
  return destinations.filter(({ latitude, longitude }) => latitude === lat && longitude === lon);
}

export function nearbyArguments({ latitude, longitude }: Destination): Call['args'] {
  return { lat: latitude, lon: longitude, radius_km: NEAR_KM };
}

function countTrips(world: World, caller: Caller, status: unknown): Outcome['answer'] {
  if (!hasRight.countTrips(caller)) return { refused: 'no right' };
  const trips = readableRows(world, caller, 'trips');
  return trips.filter((trip) => status === undefined || trip.status === status).length;
}

function cloneTrip(world: World, caller: Caller, args: Call['args'], clonedId: string): Outcome {
  if (!hasRight.cloneTrip(caller) || caller.kind !== 'user')
    return { world, answer: { refused: 'no right' } };
  const { trip_id: wanted, new_title: title } = args;
  const seen = readableRows(world, caller, 'trips').find(({ id }) => id === wanted);
  const trip = seen && world.trips.find(({ id }) => id === seen.id);
  if (trip === undefined) return { world, answer: { refused: 'raised' } };
  const { status, visibility } = defaultsOf('trips', caller) as Pick<Trip, 'status' | 'visibility'>;
  const clone: Trip = {
    ...trip,
    ...{ id: clonedId, owner_id: caller.id, status, visibility },
    title: title === undefined ? `${trip.title} (copy)`.slice(0, 200) : String(title),
  };
  if (!meetsChecks('trips', clone)) return { world, answer: { refused: 'check' } };
  const after = world.with('trips', [...world.trips, clone]);
  if (!refersToRows(after, 'trips', clone)) return { world, answer: { refused: 'reference' } };
  return { world: after, answer: [{ id: clonedId }] };
}
