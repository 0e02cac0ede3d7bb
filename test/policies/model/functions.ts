import type { Call, FunctionName } from '../operation.ts';
import type { Caller } from './caller.ts';
import { cloneTrip, countTrips, foundTrips } from './functions-of-trips.ts';
import {
  changePreferences,
  foundKey,
  popularSearches,
  purgeSearches,
  removeUser,
} from './functions-of-users.ts';
import { picked } from './matching.ts';
import type { Answer, Outcome } from './outcome.ts';
import { hasRight } from './rights.ts';
import { COLUMNS, type Destination } from './rows.ts';
import { foundPassword, openSession, refreshSession, register } from './sign-in.ts';
import type { World } from './world.ts';

/** Generated destinations are further apart. */
const NEAR_KM = 5;

/** Makes up the id of a new row, as the database does. */
export type NewId = () => string;

/** What a function gives, and what it does. */
export function call(world: World, caller: Caller, { name, args }: Call, newId: NewId): Outcome {
  if (!hasRight.call(caller, name)) return { world, answer: { refused: 'no right' } };
  const run = FUNCTIONS[name];
  return 'reads' in run
    ? { world, answer: run.reads(world, caller, args) }
    : run.writes(world, caller, args, newId);
}

export function isReading(name: FunctionName): boolean {
  return 'reads' in FUNCTIONS[name];
}

type Run =
  | { reads(world: World, caller: Caller, args: Call['args']): Answer }
  | { writes(world: World, caller: Caller, args: Call['args'], newId: NewId): Outcome };

const FUNCTIONS: Readonly<Record<FunctionName, Run>> = {
  find_destinations: {
    reads: (world, _caller, args) =>
      foundDestinations(world, args).map((row) => picked(row, COLUMNS.destinations)),
  },
  nearby_destinations: {
    reads: (world, _caller, args) =>
      nearbyDestinations(world, args).map((row) => picked(row, ['id', 'name'])),
  },
  count_trips: { reads: countTrips },
  search_trips: { reads: foundTrips },
  clone_trip: { writes: cloneTrip },
  change_preferences: { writes: changePreferences },
  remove_user: { writes: removeUser },
  popular_searches: { reads: popularSearches },
  purge_searches: { writes: purgeSearches },
  find_api_key: { reads: foundKey },
  register_sign_in: { writes: register },
  find_sign_in: { reads: foundPassword },
  open_sign_in: { writes: openSession },
  refresh_sign_in: { writes: refreshSession },
};

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
