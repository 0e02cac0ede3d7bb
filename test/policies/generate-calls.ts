/** Calls of functions, each about a row of a table. */
import { A_PASSWORD } from './generate-world.ts';
import type { Scene } from './generate-writes.ts';
import { nearbyArguments } from './model/functions.ts';
import type { Rows, Table } from './model/rows.ts';
import type { Call, FunctionName } from './operation.ts';
import { everyone } from './people.ts';

type Args = Call['args'];

/**
 * @param undone the call is rolled back, so that it may remove a lot
 */
export function drawCall<T extends Table>(scene: Scene, table: T, row: Rows[T], undone: boolean): Call {
  const { name, args } = CALLS[table](scene, row, undone);
  return { kind: 'rpc', name, args };
}

const CALLS: {
  readonly [T in Table]: (
    scene: Scene,
    row: Rows[T],
    undone: boolean,
  ) => { readonly name: FunctionName; readonly args: Args };
} = {
  profiles: ({ draw, people, caller }, { id }, undone) => {
    const user_id =
      caller.kind === 'user' && draw.chance(0.4) ? caller.id : draw.one([id, ...everyone(people)]);
    const patch = draw.one([{ theme: 'light' }, { theme: null }, { units: 'metric', theme: null }, {}]);
    // What belongs to a user is a lot to lose.
    const isRemoved = undone ? draw.chance(0.6) : user_id === people.ghost || isRefused(caller, user_id);
    if (isRemoved) return { name: 'remove_user', args: { user_id } };
    return { name: 'change_preferences', args: { user_id, patch } };
  },
  destinations: ({ draw }, place) => {
    if (draw.chance(0.3)) return { name: 'nearby_destinations', args: nearbyArguments(place) };
    const { name: named, country_code: country, population: min_population } = place;
    const args = draw.one<Args>([{ named }, { country }, { country, min_population }]);
    return { name: 'find_destinations', args };
  },
  trips: ({ draw }, trip) => {
    const ofStatus: Args = draw.chance(0.6) ? { with_status: trip.status } : {};
    const name = draw.one<FunctionName>(['count_trips', 'search_trips', 'clone_trip', 'clone_trip']);
    if (name === 'count_trips') return { name, args: ofStatus };
    if (name === 'search_trips') {
      const query = draw.one([trip.title.slice(0, 100), 'trip', 'train']);
      return { name, args: { query, max_rows: 1_000, ...ofStatus } };
    }
    const title = draw.weighted({ none: 70, given: 25, empty: 5 });
    const given = title === 'none' ? {} : { new_title: title === 'empty' ? '' : `Clone ${draw.fresh()}` };
    return { name, args: { trip_id: trip.id, ...given } };
  },
  trip_collaborators: ({ draw, world }) => ({
    name: 'count_trips',
    args: { with_status: draw.one(world.trips).status },
  }),
  api_keys: (_scene, { key_hash: hash }) => ({ name: 'find_api_key', args: { hash } }),
  search_history: ({ draw, caller }, _row, undone) => {
    if (draw.chance(0.3)) {
      // Somebody who is refused deletes nothing.
      const isAll = undone || caller.kind !== 'service';
      return { name: 'purge_searches', args: { older_than_days: isAll ? -1 : 36_500, max_rows: 1_000 } };
    }
    const since = draw.chance(0.9) ? '2000-01-01T00:00:00Z' : '2999-01-01T00:00:00Z';
    return {
      name: 'popular_searches',
      args: { since, ...(draw.chance(0.5) && { least_users: draw.one([1, 7]) }) },
    };
  },
  sign_in_passwords: ({ draw }, { user_id, email, password_hash }) => {
    const name = draw.one<FunctionName>(['find_sign_in', 'register_sign_in', 'open_sign_in']);
    if (name === 'find_sign_in') return { name, args: { email } };
    if (name === 'open_sign_in') {
      const given = draw.chance(0.7) ? password_hash : `${A_PASSWORD}b`;
      const expires_at = '2999-01-01T00:00:00+00:00';
      return { name, args: { user_id, password_hash: given, token_hash: draw.hash(), expires_at } };
    }
    const address = draw.chance(0.2) ? email : `new${draw.fresh()}@example.org`;
    return { name, args: { email: address, password_hash: draw.chance(0.9) ? A_PASSWORD : 'plain' } };
  },
  sign_in_sessions: ({ draw }, { id, token_hash }) => {
    const given = draw.chance(0.8) ? token_hash : draw.hash();
    return {
      name: 'refresh_sign_in',
      args: { session_id: id, token_hash: given, next_token_hash: draw.hash() },
    };
  },
};

function isRefused(caller: Scene['caller'], user: string): boolean {
  return caller.kind === 'anonymous' || (caller.kind === 'user' && caller.id !== user);
}
