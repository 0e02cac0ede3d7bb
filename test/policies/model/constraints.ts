/** What holds for rows whoever writes them. */
import type { Row, Rows, Table } from './rows.ts';
import { agree, type World } from './world.ts';

const lengthOf = (text: string, least: number, most: number) => text.length >= least && text.length <= most;

const CHECKS: { readonly [T in Table]: (row: Rows[T]) => boolean } = {
  profiles: ({ username, email }) => /^[a-z0-9_]{3,40}$/.test(username) && email.indexOf('@') > 0,
  destinations: ({ name, population }) => lengthOf(name, 1, 200) && population >= 0,
  trips: ({ title, starts_on, ends_on, budget, currency }) =>
    lengthOf(title, 1, 200) &&
    (starts_on === null || ends_on === null || ends_on >= starts_on) &&
    (budget === null || budget >= 0) &&
    (currency === null || /^[A-Z]{3}$/.test(currency)),
  trip_collaborators: () => true,
  api_keys: ({ name, key_prefix, key_hash, scopes }) =>
    scopes.length <= 50 &&
    lengthOf(name, 1, 100) &&
    lengthOf(key_prefix, 4, 16) &&
    /^[0-9a-f]{64}$/.test(key_hash),
  search_history: ({ query, result_count }) => lengthOf(query, 1, 1000) && result_count >= 0,
  sign_in_passwords: ({ email, password_hash }) =>
    email === email.toLowerCase() && lengthOf(email, 3, 320) && password_hash.startsWith('$argon2id$'),
  sign_in_sessions: ({ token_hash }) => /^[0-9a-f]{64}$/.test(token_hash),
};

export const UNIQUE: Readonly<Record<Table, readonly (readonly string[])[]>> = {
  profiles: [['id'], ['username'], ['email']],
  destinations: [['id']],
  trips: [['id']],
  trip_collaborators: [['trip_id', 'user_id']],
  api_keys: [['key_hash']],
  search_history: [],
  sign_in_passwords: [['user_id'], ['email']],
  sign_in_sessions: [['id']],
};

/** Unique among keys that are neither revoked nor replaced. */
export const NAME_OF_KEY = ['user_id', 'name'] as const;

/** What each row refers to. */
const REFERENCES: { readonly [T in Table]: (world: World, row: Rows[T]) => boolean } = {
  profiles: ({ accounts }, { id }) => accounts.has(id),
  destinations: () => true,
  trips: (world, { owner_id, destination_id }) =>
    hasProfile(world, owner_id) &&
    (destination_id === null || world.destinations.some(({ id }) => id === destination_id)),
  trip_collaborators: (world, { trip_id, user_id }) =>
    world.trips.some(({ id }) => id === trip_id) && hasProfile(world, user_id),
  api_keys: (world, { user_id }) => hasProfile(world, user_id),
  search_history: (world, { user_id }) => hasProfile(world, user_id),
  sign_in_passwords: ({ accounts }, { user_id }) => accounts.has(user_id),
  sign_in_sessions: (world, { user_id }) =>
    world.rowsOf('sign_in_passwords').some((row) => row.user_id === user_id),
};

function hasProfile(world: World, user: string): boolean {
  return world.profiles.some(({ id }) => id === user);
}

export function meetsChecks<T extends Table>(table: T, row: Rows[T]): boolean {
  return CHECKS[table](row);
}

/** Whether another row has the same value of a unique key. */
export function isTaken(table: Table, rows: readonly Row[], row: Row): boolean {
  const keys = UNIQUE[table];
  return rows.some(
    (other) => other !== row && (keys.some((key) => agree(row, other, key)) || sharesName(table, row, other)),
  );
}

function sharesName(table: Table, row: Row, other: Row): boolean {
  const isInUse = ({ revoked_at, replaced_at }: Row) => revoked_at === null && replaced_at === null;
  return table === 'api_keys' && isInUse(row) && isInUse(other) && agree(row, other, NAME_OF_KEY);
}

export function refersToRows<T extends Table>(world: World, table: T, row: Rows[T]): boolean {
  return REFERENCES[table](world, row);
}

/** The world after rows are gone, and with them what belonged to them. */
export function withoutRows<T extends Table>(world: World, table: T, gone: readonly Rows[T][]): World {
  const rest = new Set<Rows[T]>(gone);
  const left = world.with(
    table,
    world.rowsOf(table).filter((row) => !rest.has(row)),
  );
  if (table === 'profiles') return withoutOwners(left);
  if (table === 'destinations') return withoutDestinations(left);
  if (table === 'sign_in_passwords') return withoutPasswords(left);
  return table === 'trips' ? withoutTrips(left) : left;
}

/** The world after an account is gone, and with it what belonged to it. */
export function withoutAccount(world: World, user: string): World {
  const left = world.withAccounts(new Map([...world.accounts].filter(([id]) => id !== user)));
  const others = world.rowsOf('sign_in_passwords').filter(({ user_id }) => user_id !== user);
  const profiles = world.profiles.filter(({ id }) => id === user);
  return withoutRows(withoutPasswords(left.with('sign_in_passwords', others)), 'profiles', profiles);
}

function withoutPasswords(world: World): World {
  const users = new Set(world.rowsOf('sign_in_passwords').map(({ user_id }) => user_id));
  return world.with(
    'sign_in_sessions',
    world.rowsOf('sign_in_sessions').filter(({ user_id }) => users.has(user_id)),
  );
}

function withoutOwners(world: World): World {
  const profiles = new Set(world.profiles.map(({ id }) => id));
  const owned = <R extends { readonly user_id: string }>(rows: readonly R[]) =>
    rows.filter(({ user_id }) => profiles.has(user_id));
  return withoutTrips(
    world
      .with(
        'trips',
        world.trips.filter(({ owner_id }) => profiles.has(owner_id)),
      )
      .with('trip_collaborators', owned(world.collaborators))
      .with('api_keys', owned(world.rowsOf('api_keys')))
      .with('search_history', owned(world.rowsOf('search_history'))),
  );
}

function withoutTrips(world: World): World {
  const trips = new Set(world.trips.map(({ id }) => id));
  return world.with(
    'trip_collaborators',
    world.collaborators.filter(({ trip_id }) => trips.has(trip_id)),
  );
}

function withoutDestinations(world: World): World {
  const destinations = new Set<number | null>(world.destinations.map(({ id }) => id));
  return world.with(
    'trips',
    world.trips.map((trip) =>
      destinations.has(trip.destination_id) ? trip : { ...trip, destination_id: null },
    ),
  );
}
