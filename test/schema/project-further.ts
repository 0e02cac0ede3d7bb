import { DatabaseError } from '../../src/contract/errors.ts';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { seedProject, TRIPS, USERS } from './project-matrix.ts';

const CALLERS = ['anonymous', 'owner', 'editor', 'viewer', 'stranger', 'service'] as const;
type Caller = (typeof CALLERS)[number];

/** Rows of the answer, or why there are none. */
type Expected = number | 'no grant' | 'constraint';

const DENIED: readonly Expected[] = ['no grant', 'no grant', 'no grant', 'no grant', 'no grant'];
const NEW_KEY = `'${USERS.owner}', 'new', 'cdb_efgh', repeat('a', 64)`;

/**
 * What the matrix cannot say: functions, and columns where both a grant and a constraint refuse. One column per caller, in the
 * order of CALLERS.
 */
export const FURTHER: readonly (readonly [sql: string, ...expected: Expected[]])[] = [
  ["select * from find_destinations(named => 'lisbon')", 1, 1, 1, 1, 1, 1],
  ["select * from find_destinations(country => 'PT', min_population => 0)", 2, 2, 2, 2, 2, 2],
  ['select * from nearby_destinations(38.7, -9.1, 50)', 1, 1, 1, 1, 1, 1],
  ['select * from generate_series(1, count_trips())', 'no grant', 2, 2, 2, 2, 3],
  [`select clone_trip('${TRIPS.open}')`, 'no grant', 1, 1, 1, 1, 'no grant'],
  [`select from trips where clone_trip(id) is not null`, 'no grant', 2, 2, 2, 2, 'no grant'],
  ['select private.owned_trip_ids()', 'no grant', 2, 0, 0, 1, 'no grant'],
  ['select private.shared_trip_ids()', 'no grant', 0, 1, 1, 0, 'no grant'],
  ['select private.editable_trip_ids()', 'no grant', 0, 1, 0, 0, 'no grant'],
  ['select private.fellow_traveller_ids()', 'no grant', 2, 3, 3, 0, 'no grant'],
  [`update profiles set id = '${TRIPS.other}' returning id`, ...DENIED, 'constraint'],
  ['update profiles set updated_at = now() returning id', ...DENIED, 4],
  [`update trips set id = '${TRIPS.other}' returning id`, ...DENIED, 'constraint'],
  ['update trips set created_at = now() returning id', ...DENIED, 3],
  ['update trips set updated_at = now() returning id', ...DENIED, 3],
  [`update trip_collaborators set trip_id = '${USERS.owner}' returning user_id`, ...DENIED, 'constraint'],
  [`update trip_collaborators set user_id = '${USERS.owner}' returning user_id`, ...DENIED, 'constraint'],
  ['update trip_collaborators set updated_at = now() returning user_id', ...DENIED, 2],
  [`update api_keys set id = '${TRIPS.other}' returning id`, ...DENIED, 'constraint'],
  [`update api_keys set user_id = '${USERS.owner}' returning id`, ...DENIED, 'constraint'],
  ["update api_keys set key_hash = repeat('0', 64) returning id", ...DENIED, 'constraint'],
  ['update api_keys set created_at = now() returning id', ...DENIED, 4],
  ['update api_keys set updated_at = now() returning id', ...DENIED, 4],
  ...['id', 'last_used_at', 'revoked_at', 'created_at', 'updated_at'].map(
    (column): (typeof FURTHER)[number] => [
      `insert into api_keys (user_id, name, key_prefix, key_hash, ${column}) values (${NEW_KEY}, ${column === 'id' ? 'gen_random_uuid()' : 'now()'}) returning id`,
      ...DENIED,
      1,
    ],
  ),
  [
    `insert into search_history (user_id, query, searched_at) values ('${USERS.owner}', 'X', now()) returning id`,
    ...DENIED,
    1,
  ],
  [`select * from find_api_key(encode(sha256('owner'), 'hex'))`, ...DENIED, 1],
  ['select note_api_key_uses(array(select id from api_keys), array[now()])', ...DENIED, 1],
  [`select * from find_sign_in('owner@example.org')`, ...DENIED, 1],
  [`select register_sign_in('new@example.org', '$argon2id$')`, ...DENIED, 1],
  [`select * from refresh_sign_in(gen_random_uuid(), repeat('a', 64), repeat('b', 64))`, ...DENIED, 0],
];

/** Runs one of the lines as each caller, and takes it back each time: what was found, and what is expected. */
export async function tryFurther(
  database: AdminConnection,
  [sql, ...expected]: (typeof FURTHER)[number],
): Promise<{ readonly found: object; readonly expected: object }> {
  const found: Partial<Record<Caller, Expected>> = {};
  for (const caller of CALLERS) found[caller] = await attempt(database, caller, sql);
  return { found, expected: Object.fromEntries(CALLERS.map((caller, index) => [caller, expected[index]])) };
}

/** The lines that do not come out as they should. The rows of the matrix stay in the database. */
export async function differencesOfFurther(database: AdminConnection): Promise<readonly string[]> {
  await seedProject(database);
  const differences: string[] = [];
  for (const line of FURTHER) {
    const { found, expected } = await tryFurther(database, line);
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
    if (error instanceof DatabaseError && error.sqlState === '42501') return 'no grant';
    if (error instanceof DatabaseError && error.constraint !== undefined) return 'constraint';
    throw error;
  } finally {
    await database.script('rollback');
  }
}
