import type { Caller } from './model/caller.ts';
import type { Row, Rows, Table } from './model/rows.ts';
import { standingByTripId, standingOf, travelTogether } from './model/travellers.ts';
import type { World } from './model/world.ts';

/** How a caller stands to a row of a table, in the words of the table of what is covered. */
export function relationOf<T extends Table>(world: World, caller: Caller, table: T, row: Row): string {
  if (caller.kind === 'service') return 'service';
  // What is drawn for a table is a row of it.
  if (caller.kind === 'user') {
    const relation = OF_USERS[table](world, caller.id, row as Rows[T]);
    return table === 'api_keys' && relation === 'self' && caller.byKey ? 'self, by a key' : relation;
  }
  return table === 'trips' ? `anonymous, ${row.visibility}` : 'anonymous';
}

const OF_USERS: { readonly [T in Table]: (world: World, user: string, row: Rows[T]) => string } = {
  profiles: (world, user, { id }) => {
    if (id === user) return 'self';
    return travelTogether(world, user, id) ? 'fellow traveller' : 'stranger';
  },
  destinations: () => 'user',
  trips: (world, user, trip) => {
    const standing = standingOf(world, user, trip);
    return standing === 'stranger' ? `stranger, ${trip.visibility}` : standing;
  },
  trip_collaborators: (world, user, { trip_id, user_id }) => {
    const standing = standingByTripId(world, user, trip_id);
    if (standing === 'owner') return user_id === user ? 'trip owner, of self' : 'trip owner';
    if (user_id === user) return 'self';
    return standing === 'stranger' ? 'stranger' : `another ${standing}`;
  },
  api_keys: (_world, user, { user_id }) => (user_id === user ? 'self' : 'stranger'),
  search_history: (_world, user, { user_id }) => (user_id === user ? 'self' : 'stranger'),
  sign_in_passwords: () => 'user',
  sign_in_sessions: () => 'user',
};
