/** Raw SQL that no method writes: joins, a lock, writes that read other tables, a MERGE. Each with what the model says of it. */
import type { Caller } from './model/caller.ts';
import { mayChange, mayRead } from './model/may.ts';
import { isRefused, type Outcome } from './model/outcome.ts';
import { readableRows } from './model/read.ts';
import { hasRight } from './model/rights.ts';
import type { Row, Table } from './model/rows.ts';
import { summariesFor } from './model/summaries.ts';
import type { World } from './model/world.ts';
import { write } from './model/write.ts';
import { RAW_CALLS } from './raw-calls.ts';
import type { RawStatement } from './raw-statement.ts';

export const RAW_STATEMENTS: Readonly<Record<string, RawStatement>> = {
  ...RAW_CALLS,
  'trips with their owners': {
    tables: ['trips', 'profiles'],
    isRead: true,
    takes: [],
    run: ({ sql }) => sql`select t.id, p.username from trips t join profiles p on p.id = t.owner_id`,
    outcome: read(['trips', 'profiles'], (world, caller) =>
      world.trips
        .filter((trip) => mayRead(world, caller, 'trips', trip))
        .flatMap(({ id, owner_id }) =>
          readableRows(world, caller, 'profiles')
            .filter((profile) => profile.id === owner_id)
            .map(({ username }) => ({ id, username })),
        ),
    ),
  },
  'trips with their collaborators': {
    tables: ['trips', 'trip_collaborators'],
    isRead: true,
    takes: [],
    run: ({ sql }) =>
      sql`select t.id, c.user_id from trips t left join trip_collaborators c on c.trip_id = t.id`,
    outcome: read(['trips', 'trip_collaborators'], (world, caller) =>
      readableRows(world, caller, 'trips').flatMap(({ id }): Row[] => {
        const shared = readableRows(world, caller, 'trip_collaborators').filter((row) => row.trip_id === id);
        if (shared.length === 0) return [{ id, user_id: null }];
        return shared.map(({ user_id }) => ({ id, user_id }));
      }),
    ),
  },
  'profiles with their keys': {
    tables: ['profiles', 'api_keys'],
    isRead: true,
    takes: [],
    run: ({ sql }) => sql`select p.id, k.key_hash from profiles p join api_keys k on k.user_id = p.id`,
    outcome: read(['profiles', 'api_keys'], (world, caller) => {
      const profiles = new Set(readableRows(world, caller, 'profiles').map(({ id }) => id));
      return readableRows(world, caller, 'api_keys')
        .filter(({ user_id }) => profiles.has(user_id))
        .map(({ user_id, key_hash }) => ({ id: user_id, key_hash }));
    }),
  },
  'trips of those who searched': {
    tables: ['trips', 'search_history'],
    isRead: true,
    takes: [],
    run: ({ sql }) =>
      sql`select t.id from trips t where exists (select from search_history h where h.user_id = t.owner_id)`,
    outcome: read(['trips', 'search_history'], (world, caller) => {
      const searched = new Set(readableRows(world, caller, 'search_history').map(({ user_id }) => user_id));
      return readableRows(world, caller, 'trips')
        .filter(({ owner_id }) => searched.has(owner_id))
        .map(({ id }) => ({ id }));
    }),
  },
  'sessions with their emails': {
    tables: ['sign_in_passwords', 'sign_in_sessions'],
    isRead: true,
    takes: [],
    run: ({ sql }) =>
      sql`select s.id, p.email from sign_in_sessions s join sign_in_passwords p on p.user_id = s.user_id`,
    outcome: read(['sign_in_passwords', 'sign_in_sessions'], (world, caller) =>
      readableRows(world, caller, 'sign_in_sessions').flatMap(({ id, user_id }) =>
        readableRows(world, caller, 'sign_in_passwords')
          .filter((password) => password.user_id === user_id)
          .map(({ email }) => ({ id, email })),
      ),
    ),
  },
  'summaries with the populations': {
    tables: ['trips', 'destinations', 'trip_collaborators'],
    isRead: true,
    takes: [],
    run: ({ sql }) =>
      sql`select s.id, d.id as place, s.collaborator_count::int as with from trip_summaries s join destinations d on d.name = s.destination_name`,
    outcome: read(['trips', 'trip_collaborators'], (world, caller) =>
      summariesFor(world, caller).flatMap(({ id, destination_name, collaborator_count }) =>
        world.destinations
          .filter(({ name }) => name === destination_name)
          .map((place) => ({ id: id!, place: place.id, with: collaborator_count! })),
      ),
    ),
  },
  'lock a trip': {
    tables: ['trips'],
    takes: ['trip'],
    run: ({ sql }, [trip]) => sql`select id from trips where id = ${trip} for update`,
    outcome: (world, caller, [trip]) => ({
      world,
      answer: hasRight.change(caller, 'trips', ['title'])
        ? world.trips
            .filter((row) => row.id === trip)
            .filter((row) => mayRead(world, caller, 'trips', row) && mayChange(world, caller, 'trips', row))
            .map(({ id }) => ({ id }))
        : { refused: 'no right' },
    }),
  },
  'describe the trips that a user shares': {
    tables: ['trips', 'trip_collaborators'],
    takes: ['user', 'new text'],
    run: ({ sql }, [user, text]) => sql`
      update trips t set description = ${text} from trip_collaborators c
      where c.trip_id = t.id and c.user_id = ${user} returning t.id`,
    outcome: (world, caller, [user, text]) => {
      const shared = hasRight.read(caller, 'trip_collaborators')
        ? readableRows(world, caller, 'trip_collaborators').filter(({ user_id }) => user_id === user)
        : [];
      const where = { id: { oneOf: shared.map(({ trip_id }) => trip_id) } };
      return write(world, caller, {
        ...{ kind: 'update', table: 'trips', set: { description: text! }, where, returning: ['id'] },
      });
    },
  },
  'delete the keys of a username': {
    tables: ['api_keys', 'profiles'],
    takes: ['username'],
    run: ({ sql }, [username]) => sql`
      delete from api_keys k using profiles p where p.id = k.user_id and p.username = ${username} returning k.key_hash`,
    outcome: (world, caller, [username]) => {
      const named = hasRight.read(caller, 'profiles')
        ? readableRows(world, caller, 'profiles').filter((profile) => profile.username === username)
        : [];
      const where = { user_id: { oneOf: named.map(({ id }) => id) } };
      return write(world, caller, { kind: 'delete', table: 'api_keys', where, returning: ['key_hash'] });
    },
  },
  'record a search for a profile': {
    tables: ['search_history', 'profiles'],
    takes: ['user', 'new text'],
    run: ({ sql }, [user, text]) => sql`
      insert into search_history (user_id, query) select id, ${text} from profiles where id = ${user} returning query`,
    outcome: (world, caller, [user, text]) => {
      if (!hasRight.read(caller, 'profiles')) return { world, answer: { refused: 'no right' } };
      const rows = readableRows(world, caller, 'profiles')
        .filter(({ id }) => id === user)
        .map(({ id }) => ({ user_id: id, query: text! }));
      const insert = { kind: 'insert', table: 'search_history', rows, returning: ['query'] } as const;
      return rows.length === 0 ? { world, answer: [] } : write(world, caller, insert);
    },
  },
  'create a trip and share it at once': {
    tables: ['trips', 'trip_collaborators'],
    takes: ['new id', 'user', 'user'],
    run: ({ sql }, [id, owner, friend]) => sql`
      with created as (insert into trips (id, owner_id, title) values (${id}, ${owner}, 'Both') returning id)
      insert into trip_collaborators (trip_id, user_id) select id, ${friend} from created returning trip_id`,
    outcome: (world, caller, [id, owner_id, user_id]) => {
      const rows = [{ id: id!, owner_id: owner_id!, title: 'Both' }];
      const created = write(world, caller, { kind: 'insert', table: 'trips', rows, returning: ['id'] });
      // The statement does not see the trip that it creates: a user does not own it yet.
      if (caller.kind !== 'service') {
        const refused = caller.kind === 'anonymous' ? 'no right' : 'row refused';
        return { world, answer: { refused } };
      }
      const shared = write(created.world, caller, {
        ...{ kind: 'insert', table: 'trip_collaborators', rows: [{ trip_id: id!, user_id: user_id! }] },
        returning: ['trip_id'],
      });
      return isRefused(shared.answer) ? { ...shared, world } : shared;
    },
  },
  'merge a collaborator': {
    tables: ['trip_collaborators'],
    needsSession: true,
    takes: ['trip', 'user', 'role'],
    run: ({ sql }, [trip, user, role]) => sql`
      merge into trip_collaborators c
      using (values (${trip}::uuid, ${user}::uuid, ${role}::collaborator_role)) v (trip_id, user_id, role)
      on c.trip_id = v.trip_id and c.user_id = v.user_id
      when matched then update set role = v.role
      when not matched then insert (trip_id, user_id, role) values (v.trip_id, v.user_id, v.role)`,
    outcome: (world, caller, [trip_id, user_id, role]) =>
      mergeOutcome(world, caller, trip_id!, user_id!, role!),
  },
};

/** A read of tables that all need a right. */
function read(
  tables: readonly Table[],
  rows: (world: World, caller: Caller) => readonly Row[],
): RawStatement['outcome'] {
  return (world, caller) => ({
    world,
    answer: tables.every((table) => hasRight.read(caller, table))
      ? rows(world, caller)
      : { refused: 'no right' },
  });
}

/** A matched row that may not be changed is refused; one that is hidden does not match. */
function mergeOutcome(world: World, caller: Caller, trip_id: string, user_id: string, role: string): Outcome {
  const table = 'trip_collaborators';
  const isThis = (row: Row) => row.trip_id === trip_id && row.user_id === user_id;
  const matched = world.collaborators.find((row) => isThis(row) && mayRead(world, caller, table, row));
  if (matched !== undefined && caller.kind !== 'anonymous' && !mayChange(world, caller, table, matched)) {
    return { world, answer: { refused: 'row refused' } };
  }
  const { answer, world: after } =
    matched === undefined
      ? write(world, caller, { kind: 'insert', table, rows: [{ trip_id, user_id, role }], returning: false })
      : write(world, caller, {
          kind: 'update',
          table,
          set: { role },
          where: { trip_id, user_id },
          returning: false,
        });
  return { world: after, answer: typeof answer === 'number' ? [] : answer };
}
