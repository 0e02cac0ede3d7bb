import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseError } from '../../src/contract/errors.ts';
import { assertRls, type RlsReport, runRlsMatrix } from '../../src/testing/index.ts';
import { type DisposableAdmin, openEmbeddedAdmin } from '../ops/embedded-admin.ts';
import { disposable, openOwnedDatabase } from '../ops/full-stack-admin.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { projectMatrix, seedProject, TRIPS, USERS } from './project-matrix.ts';

const CALLERS = ['anonymous', 'owner', 'editor', 'viewer', 'stranger', 'service'] as const;
type Caller = (typeof CALLERS)[number];

/** Rows of the answer, or why there are none. */
type Expected = number | 'no grant';

/** Runs one statement as the caller and takes it back. */
async function attempt(database: DisposableAdmin, caller: Caller, sql: string): Promise<Expected> {
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
    throw error;
  } finally {
    await database.script('rollback');
  }
}

/** What a matrix of tables does not have. One column per caller, in the order of CALLERS. */
const FUNCTIONS: readonly (readonly [sql: string, ...expected: Expected[]])[] = [
  ["select * from find_destinations(named => 'lisbon')", 1, 1, 1, 1, 1, 1],
  ["select * from find_destinations(country => 'PT', min_population => 0)", 2, 2, 2, 2, 2, 2],
  ['select * from nearby_destinations(38.7, -9.1, 50)', 1, 1, 1, 1, 1, 1],
  ['select * from generate_series(1, count_trips())', 'no grant', 2, 2, 2, 2, 3],
  [`select clone_trip('${TRIPS.open}')`, 'no grant', 1, 1, 1, 1, 'no grant'],
  ['select private.owned_trip_ids()', 'no grant', 2, 0, 0, 1, 'no grant'],
];

function policies(open: () => Promise<DisposableAdmin>): void {
  let database: DisposableAdmin;

  beforeAll(async () => {
    database = await open();
  });

  afterAll(() => database[Symbol.asyncDispose]());

  describe('tables and views', () => {
    let report: RlsReport;

    beforeAll(async () => {
      report = await runRlsMatrix(database, projectMatrix);
    });

    it('are open to whom the matrix says, and to nobody else', ({ annotate }) => {
      assertRls(report);
      expect(report.cells).toHaveLength(projectMatrix.lines.length * projectMatrix.actors.size);
      return annotate(`${report.cells.length} cells`).then(() => undefined);
    });

    it('are as they were before', async () => {
      expect(await database.query('select id from profiles union all select id from auth.users')).toEqual([]);
    });
  });

  describe('functions', () => {
    beforeAll(() => seedProject(database));

    it.each(FUNCTIONS.map((line) => [line[0], line] as const))('%s', async (_title, [sql, ...expected]) => {
      const seen: Partial<Record<Caller, Expected>> = {};
      for (const caller of CALLERS) seen[caller] = await attempt(database, caller, sql);
      expect(seen).toEqual(Object.fromEntries(CALLERS.map((caller, i) => [caller, expected[i]])));
    });
  });
}

describe('who may do what, on the embedded database', () => {
  policies(() => openEmbeddedAdmin({ migrated: true }));
});

describeFullStack('who may do what, on a server', () => {
  policies(async () => disposable(await openOwnedDatabase({ migrated: true })));
});
