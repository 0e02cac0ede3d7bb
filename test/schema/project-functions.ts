import { ConfigurationError, DatabaseError } from '../../src/contract/errors.ts';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { seedProject, TRIPS, USERS } from './project-matrix.ts';

const CALLERS = ['anonymous', 'owner', 'editor', 'viewer', 'stranger', 'service'] as const;
type Caller = (typeof CALLERS)[number];

/** Rows of the answer, or why there are none. */
type Expected = number | 'no grant' | 'no schema' | 'no such trip' | 'conflict';

const NO_TRIP = 'no such trip';

const DENIED: readonly Expected[] = ['no grant', 'no grant', 'no grant', 'no grant', 'no grant'];

const TAKEN_BACK: readonly Expected[] = ['no grant', 0, 0, 0, 'conflict', 'conflict'];

/** Refreshes a session of `seedFunctions` by the secret that is this letter. */
function refresh(session: string, secret: string): string {
  return `select * from refresh_sign_in('${ID}${session}', repeat('${secret}', 64), repeat('b', 64))`;
}

/** Of further rows, but for the last two digits. */
const ID = '00000000-0000-4000-8000-0000000000';

/** What a matrix of tables does not have. One column per caller, in the order of CALLERS. */
export const FUNCTIONS: readonly (readonly [sql: string, ...expected: Expected[]])[] = [
  ["select * from find_destinations(named => 'lisbon')", 1, 1, 1, 1, 1, 1],
  ["select * from find_destinations(country => 'PT', min_population => 0)", 2, 2, 2, 2, 2, 2],
  ['select * from nearby_destinations(38.7, -9.1, 50)', 1, 1, 1, 1, 1, 1],
  ['select * from generate_series(1, count_trips())', 'no grant', 2, 2, 2, 2, 3],
  // All columns of the view need more rights than one.
  ['select id from trip_summaries', 'no grant', 2, 2, 2, 2, 3],
  [`select clone_trip('${TRIPS.open}')`, 'no grant', 1, 1, 1, 1, 'no grant'],
  [`select clone_trip('${TRIPS.other}')`, 'no grant', NO_TRIP, NO_TRIP, NO_TRIP, 1, 'no grant'],
  [`select from trips where clone_trip(id) is not null`, 'no grant', 2, 2, 2, 2, 'no grant'],
  [`select * from find_api_key(encode(sha256('owner'), 'hex'))`, ...DENIED, 1],
  ['select note_api_key_uses(array(select id from api_keys), array[now()])', ...DENIED, 1],
  [`select * from find_sign_in('owner@example.org')`, ...DENIED, 1],
  [`select register_sign_in('new@example.org', '$argon2id$')`, ...DENIED, 1],
  [`select * from refresh_sign_in(gen_random_uuid(), repeat('a', 64), repeat('b', 64))`, ...DENIED, 0],
  ["select * from search_trips('open')", 1, 1, 1, 1, 1, 1],
  ["select * from search_trips('secret')", 0, 1, 1, 1, 0, 1],
  [
    `select from change_preferences('${USERS.owner}', '{"theme": "dark"}') changed where changed is not null`,
    'no grant',
    1,
    0,
    0,
    0,
    1,
  ],
  [`select * from remove_user('${USERS.owner}')`, 'no grant', 1, 0, 0, 0, 1],
  ["select * from popular_searches('2000-01-01', 10, 1)", 'no grant', 1, 1, 1, 1, 1],
  ['select from generate_series(1, purge_searches(-1, 1000))', ...DENIED, 10],
  [`select * from find_api_key(repeat('c', 64))`, ...DENIED, 0],
  [`select * from find_api_key(repeat('d', 64))`, ...DENIED, 0],
  [`select * from find_api_key(repeat('e', 64))`, ...DENIED, 0],
  [`select * from find_api_key(repeat('f', 64))`, ...DENIED, 0],
  [`select * from find_sign_in('banned@example.org')`, ...DENIED, 0],
  [`select * from find_sign_in('deleted@example.org')`, ...DENIED, 0],
  [
    `select from open_sign_in('${USERS.owner}', '$argon2id$', repeat('b', 64), '2098-01-01') opened where opened is not null`,
    ...DENIED,
    1,
  ],
  [
    `select from open_sign_in('${USERS.owner}', '$argon2id$b', repeat('b', 64), '2098-01-01') opened where opened is not null`,
    ...DENIED,
    0,
  ],
  [refresh('a1', 'a'), ...DENIED, 1],
  [refresh('a1', 'b'), ...DENIED, 0],
  [refresh('a2', 'a'), ...DENIED, 0],
  [refresh('a3', 'a'), ...DENIED, 0],
  [refresh('a4', 'a'), ...DENIED, 0],
  [`update api_keys set revoked_at = null where key_hash = repeat('c', 64) returning id`, ...TAKEN_BACK],
  [
    `insert into api_keys (user_id, name, key_prefix, key_hash)
     values ('${USERS.stranger}', 'ended', 'cdb_abcd', repeat('0', 64)) returning id`,
    'no grant',
    'no grant',
    'no grant',
    'no grant',
    1,
    1,
  ],
  ['select private.owned_trip_ids()', 'no schema', 2, 0, 0, 1, 'no grant'],
  ['select private.shared_trip_ids()', 'no schema', 0, 1, 1, 0, 'no grant'],
  ['select private.editable_trip_ids()', 'no schema', 0, 1, 0, 0, 'no grant'],
  ['select private.fellow_traveller_ids()', 'no schema', 2, 3, 3, 0, 'no grant'],
  [
    `select from private.visibility_of_trip('${TRIPS.secret}') seen where seen is not null`,
    'no schema',
    0,
    1,
    0,
    0,
    'no grant',
  ],
  ["select * from private.popular_searches('2000-01-01', 10, 1)", 'no schema', 1, 1, 1, 1, 1],
  ['select * from private.remove_caller()', 'no schema', 1, 1, 1, 1, 'no grant'],
  [
    `select * from private.remove_user('${USERS.owner}')`,
    'no schema',
    'no grant',
    'no grant',
    'no grant',
    'no grant',
    1,
  ],
];

/** Beside the rows of the matrix: two users who may not sign in, a search of six and one of four, keys and sessions that are over. */
export async function seedFunctions(database: AdminConnection): Promise<void> {
  await seedProject(database);
  await database.script(`
    insert into auth.users (id, email, banned_until, deleted_at) values
      ('${ID}c1', 'banned@example.org', '2999-01-01', null), ('${ID}c2', 'deleted@example.org', null, '2026-01-01');
    insert into public.profiles (id, username, email) values
      ('${ID}c1', 'banned', 'banned@example.org'), ('${ID}c2', 'deleted', 'deleted@example.org');
    insert into public.api_keys (user_id, name, key_prefix, key_hash, revoked_at, expires_at) values
      ('${USERS.stranger}', 'ended', 'cdb_abcd', repeat('c', 64), '2026-01-01', null),
      ('${USERS.stranger}', 'expired', 'cdb_abcd', repeat('d', 64), null, '2026-01-01'),
      ('${ID}c1', 'ci', 'cdb_abcd', repeat('e', 64), null, null),
      ('${ID}c2', 'ci', 'cdb_abcd', repeat('f', 64), null, null);
    insert into public.search_history (user_id, query)
      select id, query from public.profiles, unnest('{"Beaches ", mountains}'::text[]) query
      where id in ('${ID}c1', '${ID}c2') or (query = 'mountains' and id in ('${USERS.owner}', '${USERS.editor}'));
    insert into public.sign_in_passwords (user_id, email, password_hash) values
      ('${ID}c1', 'banned@example.org', '$argon2id$'), ('${ID}c2', 'deleted@example.org', '$argon2id$');
    insert into public.sign_in_sessions (id, user_id, token_hash, expires_at) values
      ('${ID}a1', '${USERS.owner}', repeat('a', 64), '2999-01-01'),
      ('${ID}a2', '${USERS.owner}', repeat('a', 64), '2026-01-01'),
      ('${ID}a3', '${ID}c1', repeat('a', 64), '2999-01-01'),
      ('${ID}a4', '${ID}c2', repeat('a', 64), '2999-01-01')`);
}

/** Runs one of the lines as each caller, and takes it back each time: what was found, and what is expected. */
export async function tryFunction(
  database: AdminConnection,
  [sql, ...expected]: (typeof FUNCTIONS)[number],
): Promise<{ readonly found: object; readonly expected: object }> {
  const found: Partial<Record<Caller, Expected>> = {};
  for (const caller of CALLERS) found[caller] = await attempt(database, caller, sql);
  return { found, expected: Object.fromEntries(CALLERS.map((caller, index) => [caller, expected[index]])) };
}

/** The lines that do not come out as they should. The rows of the matrix stay in the database. */
export async function differencesOfFunctions(database: AdminConnection): Promise<readonly string[]> {
  await seedFunctions(database);
  const differences: string[] = [];
  for (const line of FUNCTIONS) {
    const { found, expected } = await tryFunction(database, line);
    const [was, wanted] = [JSON.stringify(found), JSON.stringify(expected)];
    if (was !== wanted) differences.push(`${line[0]}: ${was}, not ${wanted}`);
  }
  return differences;
}

/** Runs one statement as the caller and takes it back. */
async function attempt(database: AdminConnection, caller: Caller, sql: string): Promise<Expected> {
  const role = caller === 'anonymous' ? 'anon' : caller === 'service' ? 'service_role' : 'authenticated';
  const claims = caller === 'anonymous' || caller === 'service' ? { role } : { sub: USERS[caller], role };
  await database.script('begin');
  try {
    await database.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
      role,
      JSON.stringify(claims),
    ]);
    return (await database.query(sql)).length;
  } catch (error) {
    if (error instanceof ConfigurationError && error.code === 'RIGHT_MISSING') return 'no schema';
    if (error instanceof DatabaseError && error.sqlState === '42501') return 'no grant';
    if (error instanceof DatabaseError && error.sqlState === 'P0002') return 'no such trip';
    if (error instanceof DatabaseError && error.sqlState === 'PT409') return 'conflict';
    throw error;
  } finally {
    await database.script('rollback');
  }
}
