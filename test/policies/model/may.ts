/** Which rows a caller may read and write: `docs/who-may-do-what.md`, sentence by sentence. */
import type { Caller } from './caller.ts';
import type { Rows, Table } from './rows.ts';
import { isOnTrip, standingByTripId, standingOf, travelTogether } from './travellers.ts';
import type { World } from './world.ts';

interface Rules<R> {
  reads(world: World, user: string, row: R): boolean;
  /** May add this new row. */
  adds(world: World, user: string, row: R): boolean;
  /** May change this row; of a changed one, may leave it so. */
  changes(world: World, user: string, row: R): boolean;
  removes(world: World, user: string, row: R): boolean;
}

const never = () => false;
const always = () => true;
const isOwn = (_world: World, user: string, row: { readonly user_id: string }) => row.user_id === user;
const isSelf = (_world: World, user: string, row: { readonly id: string }) => row.id === user;

const OF_USERS: { readonly [T in Table]: Rules<Rows[T]> } = {
  profiles: {
    reads: (world, user, { id }) => id === user || travelTogether(world, user, id),
    adds: isSelf,
    changes: isSelf,
    removes: isSelf,
  },
  destinations: { reads: always, adds: never, changes: never, removes: never },
  trips: {
    reads: (world, user, trip) =>
      trip.visibility === 'public' || standingOf(world, user, trip) !== 'stranger',
    adds: (_world, user, { owner_id }) => owner_id === user,
    // An editor leaves the visibility as the statement found it.
    changes: (world, user, trip) => {
      const standing = standingOf(world, user, trip);
      const found = world.trips.find(({ id }) => id === trip.id)?.visibility;
      return standing === 'owner' || (standing === 'editor' && trip.visibility === found);
    },
    removes: (world, user, trip) => standingOf(world, user, trip) === 'owner',
  },
  trip_collaborators: {
    reads: (world, user, { trip_id }) => isOnTrip(world, user, trip_id),
    adds: (world, user, { trip_id, user_id }) =>
      standingByTripId(world, user, trip_id) === 'owner' && user_id !== user,
    changes: (world, user, { trip_id }) => standingByTripId(world, user, trip_id) === 'owner',
    removes: (world, user, { trip_id, user_id }) =>
      user_id === user || standingByTripId(world, user, trip_id) === 'owner',
  },
  api_keys: { reads: isOwn, adds: isOwn, changes: isOwn, removes: isOwn },
  search_history: { reads: isOwn, adds: isOwn, changes: never, removes: isOwn },
  sign_in_passwords: { reads: never, adds: never, changes: never, removes: never },
  sign_in_sessions: { reads: never, adds: never, changes: never, removes: never },
};

/** A program manages no API keys. */
function isBarred(caller: Caller, table: Table): boolean {
  return table === 'api_keys' && caller.kind === 'user' && caller.byKey === true;
}

export function mayRead<T extends Table>(world: World, caller: Caller, table: T, row: Rows[T]): boolean {
  if (caller.kind === 'service') return true;
  if (caller.kind === 'user') return OF_USERS[table].reads(world, caller.id, row);
  return table === 'destinations' || ('visibility' in row && row.visibility === 'public');
}

export function mayAdd<T extends Table>(world: World, caller: Caller, table: T, row: Rows[T]): boolean {
  if (isBarred(caller, table)) return false;
  if (caller.kind === 'user') return OF_USERS[table].adds(world, caller.id, row);
  return caller.kind === 'service';
}

export function mayChange<T extends Table>(world: World, caller: Caller, table: T, row: Rows[T]): boolean {
  if (isBarred(caller, table)) return false;
  if (caller.kind === 'user') return OF_USERS[table].changes(world, caller.id, row);
  return caller.kind === 'service';
}

export function mayRemove<T extends Table>(world: World, caller: Caller, table: T, row: Rows[T]): boolean {
  if (isBarred(caller, table)) return false;
  if (caller.kind === 'user') return OF_USERS[table].removes(world, caller.id, row);
  return caller.kind === 'service';
}
