import { ConfigurationError, DatabaseError } from '../../src/contract/errors.ts';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { seedProject, TRIPS, USERS } from './project-matrix.ts';

const CALLERS = ['anonymous', 'owner', 'editor', 'viewer', 'stranger', 'service'] as const;
type Caller = (typeof CALLERS)[number];

/** Rows of the answer, or why there are none. */
type Expected = number | 'no grant' | 'no schema' | 'no such trip';

const NO_TRIP = 'no such trip';

const DENIED: readonly Expected[] = ['no grant', 'no grant', 'no grant', 'no grant', 'no grant'];

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
  ['select private.owned_trip_ids()', 'no schema', 2, 0, 0, 1, 'no schema'],
  ['select private.shared_trip_ids()', 'no schema', 0, 1, 1, 0, 'no schema'],
  ['select private.editable_trip_ids()', 'no schema', 0, 1, 0, 0, 'no schema'],
  ['select private.fellow_traveller_ids()', 'no schema', 2, 3, 3, 0, 'no schema'],
];

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
  await seedProject(database);
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
    throw error;
  } finally {
    await database.script('rollback');
  }
}
