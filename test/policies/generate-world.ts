import type { Draw } from './draw.ts';
import type {
  ApiKey,
  Collaborator,
  Destination,
  Profile,
  Search,
  SignInPassword,
  SignInSession,
  Trip,
} from './model/rows.ts';
import { type Account, World } from './model/world.ts';
import type { People } from './people.ts';

const GROUP_SIZE = 4;
const COUNTRIES = ['PT', 'ES'];
/** Vectors as Postgres prints them. */
const EMBEDDINGS = ['1', '2'].map(
  (first) => `[${[first, ...Array.from({ length: 15 }, () => '0')].join(',')}]`,
);
const PAST = '2026-01-01T00:00:00+00:00';
const FUTURE = '2999-01-01T00:00:00+00:00';
export const A_PASSWORD = '$argon2id$a';
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
  const accounts = [...profiled, people.newcomer].map((id, index): [string, Account] => {
    const excluded = index === 1 ? 'banned' : index === 5 ? 'deleted' : null;
    return [id, { email: `user${draw.fresh()}@example.org`, excluded }];
  });
  const passwords = accounts
    .slice(0, 8)
    .map(([id, { email }]) => ({ ...passwordOf(draw, id), email: email! }));
  const world = new World(new Map(accounts), {
    profiles: profiled.map((id) => profileOf(draw, id)),
    destinations,
    trips,
    trip_collaborators: collaborators,
    api_keys: profiled.flatMap((id) => [keyOf(draw, id), keyOf(draw, id), endedKeyOf(draw, id)]),
    search_history: profiled.flatMap((id) => [searchOf(draw, id), searchOf(draw, id)]),
    sign_in_passwords: passwords,
    sign_in_sessions: passwords.flatMap(({ user_id }) => [
      sessionOf(draw, user_id),
      sessionOf(draw, user_id),
    ]),
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
    embedding: draw.one([null, ...EMBEDDINGS]),
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
    ...{
      last_used_at: null,
      expires_at: draw.one([null, FUTURE, PAST]),
      revoked_at: null,
      replaced_at: null,
    },
  };
}

/** Revoked or replaced. */
function endedKeyOf(draw: Draw, user_id: string): ApiKey {
  return { ...keyOf(draw, user_id), [draw.one(['revoked_at', 'replaced_at'])]: PAST };
}

export function searchOf(draw: Draw, user_id: string): Search {
  return {
    ...{ user_id, query: draw.chance(0.6) ? popular(draw.fresh()) : `search ${draw.fresh()}` },
    filters: draw.one([{}, { country: 'PT' }]),
    result_count: draw.below(9),
  };
}

/** One search, written differently each time. */
function popular(number: number): string {
  const letters = [...'beaches'].map((letter, bit) => ((number >> bit) & 1 ? letter.toUpperCase() : letter));
  return `${' '.repeat(number >> 7)}${letters.join('')} `;
}

export function passwordOf(draw: Draw, user_id: string): SignInPassword {
  return { user_id, email: `sign-in${draw.fresh()}@example.org`, password_hash: A_PASSWORD };
}

export function sessionOf(draw: Draw, user_id: string): SignInSession {
  const expires_at = draw.chance(0.2) ? PAST : FUTURE;
  return { id: draw.uuid(), user_id, token_hash: draw.hash(), expires_at };
}
