import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseError } from '../../src/contract/errors.ts';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { openEmbeddedAdmin } from '../ops/embedded-admin.ts';
import { disposable, openOwnedDatabase } from '../ops/full-stack-admin.ts';
import { describeFullStack } from '../support/full-stack.ts';

const USERS = {
  /** Owns the private trip 'secret' and the public trip 'open'. */
  owner: '00000000-0000-4000-8000-000000000001',
  /** Edits 'secret'. */
  editor: '00000000-0000-4000-8000-000000000002',
  /** Views 'secret'. */
  viewer: '00000000-0000-4000-8000-000000000003',
  /** Shares nothing; owns one private trip. */
  stranger: '00000000-0000-4000-8000-000000000004',
} as const;

const SECRET = '00000000-0000-4000-8000-0000000000a1';
const OPEN = '00000000-0000-4000-8000-0000000000a2';
const OTHER = '00000000-0000-4000-8000-0000000000a3';

type Caller = keyof typeof USERS | 'anonymous' | 'service';

/**
 * Rows seen or touched, or why not: no grant, row level security refused the new row, or (past both) a
 * constraint does not hold.
 */
type Expected = number | 'no grant' | 'row refused' | 'constraint';

async function seed(database: AdminConnection): Promise<void> {
  const profiles = Object.entries(USERS).map(([name, id]) => `('${id}', '${name}', '${name}@example.org')`);
  await database.script(`
    insert into auth.users (id, email) select id::uuid, email from (values ${profiles.join()}) p (id, name, email);
    insert into profiles (id, username, email) select id::uuid, name, email from (values ${profiles.join()}) p (id, name, email);
    insert into destinations (name, country_code, latitude, longitude) values ('Lisbon', 'PT', 38.7, -9.1), ('Porto', 'PT', 41.1, -8.6);
    insert into trips (id, owner_id, title, visibility) values
      ('${SECRET}', '${USERS.owner}', 'secret', 'private'),
      ('${OPEN}', '${USERS.owner}', 'open', 'public'),
      ('${OTHER}', '${USERS.stranger}', 'other', 'private');
    insert into trip_collaborators (trip_id, user_id, role) values
      ('${SECRET}', '${USERS.editor}', 'editor'), ('${SECRET}', '${USERS.viewer}', 'viewer');
    insert into api_keys (user_id, name, key_prefix, key_hash)
      select id, 'ci', 'cdb_abcd', encode(sha256(username::bytea), 'hex') from profiles;
    insert into search_history (user_id, query) select id, 'beaches' from profiles;
    insert into sign_in_passwords (user_id, email, password_hash) values ('${USERS.owner}', 'owner@example.org', '$argon2id$');
    insert into sign_in_sessions (user_id, token_hash, expires_at) values ('${USERS.owner}', repeat('a', 64), now() + interval '1 day');
  `);
}

/** Runs one statement as the caller and takes it back. */
async function attempt(database: AdminConnection, caller: Caller, sql: string): Promise<Expected> {
  const role = caller === 'anonymous' ? 'anon' : caller === 'service' ? 'service_role' : 'authenticated';
  const claims = caller in USERS ? { sub: USERS[caller as keyof typeof USERS], role } : { role };
  await database.script('begin');
  try {
    await database.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
      role,
      JSON.stringify(claims),
    ]);
    return (await database.query(sql)).length;
  } catch (error) {
    if (error instanceof DatabaseError && error.sqlState === '42501') {
      return error.message.startsWith('Row level security') ? 'row refused' : 'no grant';
    }
    if (error instanceof DatabaseError && error.constraint !== undefined) return 'constraint';
    throw error;
  } finally {
    await database.script('rollback');
  }
}

const CALLERS: readonly Caller[] = ['anonymous', 'owner', 'editor', 'viewer', 'stranger', 'service'];

/** One line per statement; one column per caller, in the order of CALLERS. */
const MATRIX: Readonly<Record<string, readonly (readonly [sql: string, ...expected: Expected[]])[]>> = {
  destinations: [
    ['select id from destinations', 2, 2, 2, 2, 2, 2],
    [
      "insert into destinations (name, country_code, latitude, longitude) values ('X', 'PT', 0, 0) returning id",
      ...denied(5),
      1,
    ],
    ["update destinations set name = 'X' returning id", ...denied(5), 2],
    ['delete from destinations returning id', ...denied(5), 2],
  ],
  profiles: [
    ['select id from profiles', 'no grant', 3, 3, 3, 1, 4],
    ["update profiles set display_name = 'X' returning id", 'no grant', 1, 1, 1, 1, 4],
    [`update profiles set id = '${OTHER}' returning id`, 'no grant', ...denied(4), 'constraint'],
    ['delete from profiles returning id', 'no grant', 1, 1, 1, 1, 4],
    [
      `insert into profiles (id, username, email) values ('${OTHER}', 'forged', 'f@x') returning id`,
      'no grant',
      ...refused(4),
      'constraint',
    ],
  ],
  trips: [
    ['select id from trips', 1, 2, 2, 2, 2, 3],
    ['select id from trip_summaries', 'no grant', 2, 2, 2, 2, 3],
    ["update trips set title = 'X' returning id", 'no grant', 2, 1, 0, 1, 3],
    [
      `update trips set visibility = 'public' where id = '${SECRET}' returning id`,
      'no grant',
      1,
      'row refused',
      0,
      0,
      1,
    ],
    [`update trips set owner_id = '${USERS.viewer}' returning id`, 'no grant', ...denied(4), 3],
    ['delete from trips returning id', 'no grant', 2, 0, 0, 1, 3],
    [
      `insert into trips (owner_id, title) values ('${USERS.owner}', 'X') returning id`,
      'no grant',
      1,
      ...refused(3),
      1,
    ],
  ],
  trip_collaborators: [
    ['select user_id from trip_collaborators', 'no grant', 2, 2, 2, 0, 2],
    ["update trip_collaborators set role = 'editor' returning user_id", 'no grant', 2, 0, 0, 0, 2],
    ['delete from trip_collaborators returning user_id', 'no grant', 2, 1, 1, 0, 2],
    [
      `insert into trip_collaborators (trip_id, user_id) values ('${SECRET}', '${USERS.stranger}') returning user_id`,
      'no grant',
      1,
      ...refused(3),
      1,
    ],
  ],
  api_keys: [
    ['select id from api_keys', 'no grant', 1, 1, 1, 1, 4],
    ['update api_keys set revoked_at = now() returning id', 'no grant', 1, 1, 1, 1, 4],
    ["update api_keys set key_hash = repeat('0', 64) returning id", 'no grant', ...denied(4), 'constraint'],
    ['delete from api_keys returning id', 'no grant', 1, 1, 1, 1, 4],
    [
      `insert into api_keys (user_id, name, key_prefix, key_hash)
       values ('${USERS.owner}', 'new', 'cdb_efgh', repeat('a', 64)) returning id`,
      'no grant',
      1,
      ...refused(3),
      1,
    ],
    ['update api_keys set last_used_at = now() returning id', 'no grant', ...denied(4), 4],
    [`select * from find_api_key(encode(sha256('owner'), 'hex'))`, ...denied(5), 1],
    ['select note_api_key_uses(array(select id from api_keys), array[now()])', ...denied(5), 1],
  ],
  search_history: [
    ['select id from search_history', 'no grant', 1, 1, 1, 1, 4],
    ["update search_history set query = 'X' returning id", 'no grant', ...denied(4), 4],
    ['delete from search_history returning id', 'no grant', 1, 1, 1, 1, 4],
    [
      `insert into search_history (user_id, query) values ('${USERS.owner}', 'X') returning id`,
      'no grant',
      1,
      ...refused(3),
      1,
    ],
  ],
  sign_in: [
    ['select user_id from sign_in_passwords', ...denied(5), 1],
    ['update sign_in_passwords set email = email returning user_id', ...denied(5), 1],
    ['delete from sign_in_passwords returning user_id', ...denied(5), 1],
    ['select id from sign_in_sessions', ...denied(5), 1],
    ['update sign_in_sessions set expires_at = now() returning id', ...denied(5), 1],
    ['delete from sign_in_sessions returning id', ...denied(5), 1],
    [`select * from find_sign_in('owner@example.org')`, ...denied(5), 1],
    [`select register_sign_in('new@example.org', '$argon2id$')`, ...denied(5), 1],
    [`select * from refresh_sign_in(gen_random_uuid(), repeat('a', 64), repeat('b', 64))`, ...denied(5), 0],
  ],
  functions: [
    ["select * from find_destinations(named => 'lisbon')", 1, 1, 1, 1, 1, 1],
    ["select * from find_destinations(country => 'PT', min_population => 0)", 2, 2, 2, 2, 2, 2],
    ['select * from nearby_destinations(38.7, -9.1, 50)', 1, 1, 1, 1, 1, 1],
    ['select * from generate_series(1, count_trips())', 'no grant', 2, 2, 2, 2, 3],
    [`select clone_trip('${OPEN}')`, 'no grant', 1, 1, 1, 1, 'no grant'],
    ['select private.owned_trip_ids()', 'no grant', 2, 0, 0, 1, 'no grant'],
  ],
};

function denied(count: number): Expected[] {
  return Array.from({ length: count }, () => 'no grant');
}

function refused(count: number): Expected[] {
  return Array.from({ length: count }, () => 'row refused');
}

function matrix(open: () => Promise<AdminConnection & AsyncDisposable>): void {
  let database: AdminConnection & AsyncDisposable;

  beforeAll(async () => {
    database = await open();
    await seed(database);
  });

  afterAll(() => database[Symbol.asyncDispose]());

  describe.each(Object.entries(MATRIX))('%s', (_subject, lines) => {
    it.each(lines.map((line) => [line[0].replace(/\s+/g, ' '), line] as const))(
      '%s',
      async (_title, [sql, ...expected]) => {
        const seen: Partial<Record<Caller, Expected>> = {};
        for (const caller of CALLERS) seen[caller] = await attempt(database, caller, sql);
        expect(seen).toEqual(Object.fromEntries(CALLERS.map((caller, i) => [caller, expected[i]])));
      },
    );
  });
}

describe('who may do what, on the embedded database', () => {
  matrix(() => openEmbeddedAdmin({ migrated: true }));
});

describeFullStack('who may do what, on a server', () => {
  matrix(async () => disposable(await openOwnedDatabase({ migrated: true })));
});
