import type { Draw } from './draw.ts';
import type { ApiKey, Collaborator, Destination, Profile, Search, Trip } from './model/rows.ts';
import { World } from './model/world.ts';
import type { People } from './people.ts';

const GROUP_SIZE = 4;
const COUNTRIES = ['PT', 'ES'];
const STATUSES = ['planning', 'booked', 'completed', 'cancelled'];

export function generateWorld(draw: Draw): { readonly world: World; readonly people: People } {
  const traveller = draw.uuid();
  const group = () => [...Array.from({ length: GROUP_SIZE }, () => draw.uuid()), traveller];
  const people: People = {
    groups: [group(), group()],
    loner: draw.uuid(),
    newcomer: draw.uuid(),
    ghost: draw.uuid(),
  };
  const profiled = [...new Set([...people.groups.flat(), people.loner])];
  const destinations = Array.from({ length: 8 }, (_, index) => destinationOf(draw, index + 1));
  const trips: Trip[] = [];
  const collaborators: Collaborator[] = [];
  for (const members of people.groups) {
    for (let made = 0; made < 7; made++) {
      const trip = tripOf(draw, draw.one(members), destinations);
      trips.push(trip);
      // Nobody adds the owner but the service, by mistake.
      const others = members.filter((each) => draw.chance(each === trip.owner_id ? 0.15 : 0.4));
      collaborators.push(...others.map((each) => collaboratorOf(draw, trip.id, each)));
    }
  }
  trips.push(tripOf(draw, people.loner, destinations), tripOf(draw, people.loner, destinations));
  const world = new World(new Set([...profiled, people.newcomer]), {
    profiles: profiled.map((id) => profileOf(draw, id)),
    destinations,
    trips,
    trip_collaborators: collaborators,
    api_keys: profiled.flatMap((id) => [keyOf(draw, id), keyOf(draw, id)]),
    search_history: profiled.flatMap((id) => [searchOf(draw, id), searchOf(draw, id)]),
  });
  return { world, people };
}

export function profileOf(draw: Draw, id: string): Profile {
  const name = `user_${draw.fresh()}`;
  return {
    ...{ id, username: name, email: `${name}@example.org`, display_name: draw.one(['', 'A', 'B']) },
    home_country: draw.one([null, ...COUNTRIES]),
    preferences: draw.one([{}, { theme: 'dark' }]),
  };
}

export function destinationOf(draw: Draw, id: number): Destination {
  return {
    ...{ id, name: `place${id}`, country_code: draw.one(COUNTRIES), population: draw.below(5) * 1_000 },
    // Whole degrees, each pair once.
    ...{ latitude: id % 80, longitude: Math.floor(id / 80) },
  };
}

export function tripOf(draw: Draw, owner_id: string, destinations: readonly Destination[]): Trip {
  const starts_on = draw.one([null, '2027-05-01', '2027-06-01']);
  return {
    ...{ id: draw.uuid(), owner_id, title: `Trip ${draw.fresh()}`, description: draw.one(['', 'By train']) },
    destination_id: draw.one([null, ...destinations.map(({ id }) => id)]),
    status: draw.one(STATUSES),
    visibility: draw.chance(0.3) ? 'public' : 'private',
    starts_on,
    ends_on: starts_on === null ? null : draw.one([null, '2027-07-01']),
    budget: draw.one([null, 100, 99.5]),
    currency: draw.one([null, 'EUR']),
    tags: draw.one([[], ['sea'], ['sea', 'sun']]),
    metadata: draw.one([{}, { from: 'app' }]),
  };
}

export function collaboratorOf(draw: Draw, trip_id: string, user_id: string): Collaborator {
  return { trip_id, user_id, role: draw.one(['viewer', 'editor']) };
}

/** As it is when it is new. */
export function keyOf(draw: Draw, user_id: string): ApiKey {
  return {
    ...{ user_id, name: `key ${draw.fresh()}`, key_prefix: 'cdb_abcd', key_hash: draw.hash() },
    scopes: draw.one([[], ['read'], ['read', 'write']]),
    ...{ last_used_at: null, expires_at: draw.one([null, '2027-01-01T00:00:00+00:00']), revoked_at: null },
  };
}

export function searchOf(draw: Draw, user_id: string): Search {
  return {
    ...{ user_id, query: `search ${draw.fresh()}` },
    filters: draw.one([{}, { country: 'PT' }]),
    result_count: draw.below(9),
  };
}
