/** Functions that no method of the service calls, in raw SQL. Each with what the model says of it. */
import type { Caller } from './model/caller.ts';
import { popularSearches } from './model/functions-of-users.ts';
import type { Outcome } from './model/outcome.ts';
import type { Row, Table } from './model/rows.ts';
import { travelTogether } from './model/travellers.ts';
import type { World } from './model/world.ts';
import type { Handle, RawStatement } from './raw-statement.ts';

const TRAVEL: readonly Table[] = ['trips', 'trip_collaborators', 'profiles'];

export const RAW_CALLS: Readonly<Record<string, RawStatement>> = {
  'the trips that a user owns': ofUsers(
    ({ sql }) => sql`select id from private.owned_trip_ids() id`,
    (world, user) => world.trips.filter(({ owner_id }) => owner_id === user).map(({ id }) => ({ id })),
  ),
  'the trips that a user shares': ofUsers(
    ({ sql }) => sql`select id from private.shared_trip_ids() id`,
    (world, user) => sharedBy(world, user).map(({ trip_id: id }) => ({ id })),
  ),
  'the trips that a user edits': ofUsers(
    ({ sql }) => sql`select id from private.editable_trip_ids() id`,
    (world, user) =>
      sharedBy(world, user)
        .filter(({ role }) => role === 'editor')
        .map(({ trip_id: id }) => ({ id })),
  ),
  'the fellow travellers of a user': ofUsers(
    ({ sql }) => sql`select id from private.fellow_traveller_ids() id where id <> auth.uid()`,
    (world, user) =>
      world.profiles
        .filter(({ id }) => id !== user && travelTogether(world, user, id))
        .map(({ id }) => ({ id })),
  ),
  'the visibility of a trip': {
    tables: TRAVEL,
    isRead: true,
    takes: ['trip'],
    run: ({ sql }, [trip]) => sql`select private.visibility_of_trip(${trip}) as visibility`,
    outcome: (world, caller, [id]) => {
      const trip = world.trips.find((each) => each.id === id);
      const isEditor =
        caller.kind === 'user' &&
        sharedBy(world, caller.id).some(({ trip_id, role }) => trip_id === id && role === 'editor');
      return answered(world, caller, ['user'], [{ visibility: isEditor ? trip!.visibility : null }]);
    },
  },
  'popular searches, past the public function': {
    tables: ['search_history'],
    isRead: true,
    takes: [],
    run: ({ sql }) =>
      sql`select query, users::int as users from private.popular_searches('2000-01-01', 1000, 1)`,
    outcome: (world, caller) => {
      const popular = popularSearches(world, caller, { since: '2000-01-01', least_users: 1 });
      return answered(world, caller, ['user', 'service'], popular as readonly Row[]);
    },
  },
  // Nobody is removed by these two: what becomes of somebody who is there, the public function shows.
  'remove the caller': {
    tables: ['profiles'],
    takes: [],
    run: ({ sql }) => sql`select trips::int as trips from private.remove_caller() where auth.uid() is null`,
    outcome: (world, caller) => answered(world, caller, ['user'], []),
  },
  'remove a user, past the public function': {
    tables: ['profiles'],
    takes: ['new id'],
    run: ({ sql }, [user]) => sql`select trips::int as trips from private.remove_user(${user})`,
    outcome: (world, caller) => answered(world, caller, ['service'], []),
  },
  'note the use of a key': {
    tables: ['api_keys'],
    takes: ['key', 'time'],
    run: ({ sql }, [hash, time]) => sql`
      select note_api_key_uses(array(select id from api_keys where key_hash = ${hash}), array[${time}::timestamptz]) as noted`,
    outcome: (world, caller, [hash, time]) => {
      if (caller.kind !== 'service') return { world, answer: { refused: 'no right' } };
      const keys = world.rowsOf('api_keys').map((key) => {
        if (key.key_hash !== hash || (key.last_used_at !== null && key.last_used_at > time!)) return key;
        return { ...key, last_used_at: time! };
      });
      return { world: world.with('api_keys', keys), answer: [{ noted: 1 }] };
    },
  },
};

function sharedBy(world: World, user: string) {
  return world.collaborators.filter(({ user_id }) => user_id === user);
}

/** A helper function of the policies, which tells a user about the user. */
function ofUsers(
  run: (handle: Handle) => ReturnType<RawStatement['run']>,
  rows: (world: World, user: string) => readonly Row[],
): RawStatement {
  return {
    ...{ tables: TRAVEL, isRead: true, takes: [], run },
    outcome: (world, caller) =>
      answered(world, caller, ['user'], caller.kind === 'user' ? rows(world, caller.id) : []),
  };
}

/** Anonymous callers have no right on the schema that these functions are in. */
function answered(
  world: World,
  { kind }: Caller,
  kinds: readonly Caller['kind'][],
  rows: readonly Row[],
): Outcome {
  if (kind === 'anonymous') return { world, answer: { refused: 'no schema' } };
  return { world, answer: kinds.includes(kind) ? rows : { refused: 'no right' } };
}
