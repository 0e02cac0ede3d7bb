import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { user } from '../../src/index.ts';
import {
  type AdminQueries,
  assertRls,
  type RlsMatrixOptions,
  rlsMatrix,
  rollbackDatabase,
  runRlsMatrix,
} from '../../src/testing/index.ts';
import { type DisposableAdmin, openEmbeddedAdmin } from '../ops/embedded-admin.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { refusalOf } from '../truth/every-mode.ts';

const ANA = '00000000-0000-4000-8000-000000000001';
const BEN = '00000000-0000-4000-8000-000000000002';

const SCHEMA = `
  create table notes (id int primary key, owner_id uuid not null, body text not null check (body <> ''));
  alter table notes enable row level security;
  revoke all on notes from anon, authenticated;
  grant select, insert, update (body), delete on notes to authenticated;
  create policy read_own on notes for select to authenticated using (owner_id = auth.uid());
  create policy insert_own on notes for insert to authenticated with check (owner_id = auth.uid());
  create policy update_own on notes for update to authenticated using (owner_id = auth.uid());
  create policy delete_own on notes for delete to authenticated using (owner_id = auth.uid());
`;

const users = { ana: user({ sub: ANA }), ben: user({ sub: BEN }) };
const seed = async (admin: AdminQueries) => {
  await admin.query('insert into notes values (1, $1, $2), (2, $1, $3), (3, $4, $2)', [ANA, 'x', 'y', BEN]);
};
const notes = {
  rows: { first: { id: 1 }, second: { id: 2 }, third: { id: 3 } },
  insert: { id: 4, owner_id: ANA, body: 'x' },
  'insert own': (who: string) => ({ id: 4, owner_id: who === 'ben' ? BEN : ANA, body: 'x' }),
  'insert empty': (who: string) => ({ id: 4, owner_id: who === 'ben' ? BEN : ANA, body: '' }),
  update: { body: 'z' },
  'update owner_id': { owner_id: ANA },
};
const EXPECTED = `
        |                 | anonymous | ana          | ben         | service            | table owner
  notes | select          | no grant  | first second | third       | first second third | first second third
        | insert          | no grant  | 1            | row refused | 1                  | 1
        | insert own      | deny      | allow        | allow       | allow              | allow
        | insert empty    | no grant  | constraint   | constraint  | constraint         | constraint
        | update          | no grant  | first second | third       | first second third | first second third
        | update owner_id | no grant  | no grant     | no grant    | 3                  | 3
        | delete          | no grant  | 2            | 1           | 3                  | 3
`;
const options: RlsMatrixOptions = { users, seed, tables: { notes }, expected: EXPECTED };
const matrixOf = (changed: Partial<RlsMatrixOptions>) => rlsMatrix({ ...options, ...changed });
const without = (line: string) => EXPECTED.replace(new RegExp(`^ *\\| ${line} +\\|.*\n`, 'm'), '');

describe('a matrix of row level security', () => {
  let admin: DisposableAdmin;

  beforeAll(async () => {
    admin = await openEmbeddedAdmin({ sql: SCHEMA });
  });
  afterAll(() => admin[Symbol.asyncDispose]());

  const changing = async (ddl: string, changed: Partial<RlsMatrixOptions> = {}) =>
    runRlsMatrix(
      admin,
      matrixOf({
        seed: async (connection) => {
          for (const statement of ddl.split(';').filter((one) => one.trim() !== '')) {
            await connection.query(statement);
          }
          await seed(connection);
        },
        ...changed,
      }),
    );

  // What refuses everything passes for nobody.
  it('passes where everything is as it says, and leaves nothing behind', async () => {
    const report = await runRlsMatrix(admin, rlsMatrix(options));
    expect(String(report)).toBe('Row level security: 35 cells, 0 of them differ (expected ≠ found).');
    expect(report.passed).toBe(true);
    assertRls(report);
    expect(await admin.query('select * from notes')).toEqual([]);
  });

  it('prints expected and found as a table, and why something was refused', async () => {
    const report = await changing(
      'drop policy update_own on notes; create policy all_update on notes for update to authenticated using (true); revoke insert on notes from authenticated',
    );
    expect(report.differences).toHaveLength(8);
    expect(() => assertRls(report)).toThrow(/8 of them differ/);
    expect(String(report).split('\n').slice(2, 7)).toEqual([
      '      |              | anonymous | ana                               | ben                        | service            | table owner',
      'notes | insert       | no grant  | 1 ≠ no grant                      | row refused ≠ no grant     | 1                  | 1',
      '      | insert own   | deny      | allow ≠ no grant                  | allow ≠ no grant           | allow              | allow'.replace(
        '     ',
        'notes',
      ),
      'notes | insert empty | no grant  | constraint ≠ no grant             | constraint ≠ no grant      | constraint         | constraint',
      'notes | update       | no grant  | first second ≠ first second third | third ≠ first second third | first second third | first second third',
    ]);
    expect(String(report)).toContain('notes | insert, ana: The role is not allowed to do this');
  });

  it('tells rows apart that are as many', async () => {
    const report = await changing(
      'drop policy read_own on notes; create policy swapped on notes for select to authenticated using (id > case when owner_id = auth.uid() then 1 else 2 end)',
    );
    expect(report.differences.map(({ identity, found }) => [identity, found])).toEqual([
      ['ana', 'second third'],
    ]);
  });

  it('finds a hole in the policies of update that those of select hide', async () => {
    const report = await changing(
      'drop policy update_own on notes; create policy all_update on notes for update to authenticated using (true)',
    );
    expect(report.differences.map(({ command, found }) => [command, found])).toEqual([
      ['update', 'first second third'],
      ['update', 'first second third'],
    ]);
  });

  it('finds a WITH CHECK that is missing', async () => {
    const report = await changing(
      'drop policy insert_own on notes; create policy any_insert on notes for insert to authenticated with check (true)',
    );
    expect(report.differences.map(({ command, identity, found }) => [command, identity, found])).toEqual([
      ['insert', 'ben', '1'],
    ]);
  });

  it('finds rights of the owner that FORCE takes away', async () => {
    const report = await runRlsMatrix(
      admin,
      matrixOf({
        seed: async (connection) => {
          await connection.query('create role plain_owner nologin');
          await connection.query('grant all on schema public to plain_owner');
          await connection.query('alter table notes owner to plain_owner');
          await connection.query('alter table notes force row level security');
          await seed(connection);
        },
      }),
    );
    expect(report.differences.map(({ identity }) => identity)).toEqual(
      Array.from({ length: 7 }, () => 'table owner'),
    );
  });

  it('takes no cell for granted: it reports a table, a view and a command without a line', async () => {
    const further = await changing('create table further (id int); create view seen as select 1 as one');
    expect(further.passed).toBe(false);
    expect(further.problems).toEqual([
      ...['select', 'update', 'insert', 'delete'].map(
        (command) => `The matrix has no line 'further | ${command}'.`,
      ),
      "The matrix has no line 'seen | select'.",
    ]);
    const lacking = await changing('', { expected: without('delete') });
    expect(lacking.problems).toEqual(["The matrix has no line 'notes | delete'."]);
    expect(() => assertRls(lacking)).toThrow("The matrix has no line 'notes | delete'.");
  });

  it('reports a line for a table that is not there', async () => {
    const renaming = async (connection: AdminQueries) => {
      await connection.query('alter table notes rename to memos');
    };
    const report = await runRlsMatrix(admin, matrixOf({ seed: renaming }));
    expect(report.problems).toContain("The schema 'public' has no table 'notes'.");
  });

  it('takes no refusal for granted: it reports one of a table without a row', async () => {
    const report = await runRlsMatrix(admin, matrixOf({ seed: async () => undefined }));
    expect(report.problems).toContain(
      "'notes | delete' proves nothing for 'anonymous': the table has no row for it. Insert one in 'seed'.",
    );
  });

  it('takes no refusal for granted: it reports one of a statement that nobody could run', async () => {
    const report = await changing('', {
      tables: { notes: { ...notes, insert: { id: 1, owner_id: ANA, body: 'x' } } },
    });
    expect(
      report.problems.find((problem) => problem.includes("'notes | insert' proves nothing for 'ben'")),
    ).toContain('nobody could do it');
  });

  it('says which cell a statement fails in that is no refusal', async () => {
    const failing = changing('', { tables: { notes: { ...notes, update: { nonsense: 1 } } } });
    expect(await refusalOf(() => failing)).toMatchObject({
      code: 'MATRIX_FAILED',
      message: expect.stringMatching(/^'notes \| update' could not be tried as 'anonymous': .*nonsense/),
    });
    expect(await admin.query('select * from notes')).toEqual([]);
  });

  it('runs inside a transaction that is open, and leaves it open', async () => {
    await admin.query('begin');
    await admin.query('create table kept (id int)');
    await admin.query('insert into kept values (1)');
    const report = await runRlsMatrix(admin, rlsMatrix(options));
    expect(report.differences).toEqual([]);
    expect(await admin.query('select * from kept')).toHaveLength(1);
    expect(await admin.query('select * from notes')).toEqual([]);
    await admin.query('rollback');
  });
});

describe('what a matrix is refused for, before it runs', () => {
  it.each<[string, Partial<RlsMatrixOptions>, string]>([
    [
      'a user without a column',
      { users: { ...users, cleo: user({ sub: ANA }) } },
      "The header of the matrix lacks the column 'cleo'.",
    ],
    [
      'a column without a user',
      { users: { ana: users.ana } },
      "The header of the matrix has 'ben', which is unknown or comes twice. Its columns are 'anonymous', 'ana', 'service', 'table owner'.",
    ],
    [
      'the owner of the table left out',
      { expected: EXPECTED.replaceAll(/ \| [^|]*$/gm, '') },
      "The header of the matrix lacks the column 'table owner'.",
    ],
    [
      'a cell left out',
      { expected: EXPECTED.replace('| row refused |', '|') },
      "The line 'notes | insert' has 4 cells. It must have 5, as the header.",
    ],
    [
      'an empty cell',
      { expected: EXPECTED.replace('| row refused |', '|  |') },
      "The cell '' (line 'notes | insert', column 'ben') must be a number of rows or one of allow, deny, no grant, row refused, constraint, or rows of 'first', 'second', 'third'.",
    ],
    [
      'a name of no row',
      { expected: EXPECTED.replace('first second |', 'fist second |') },
      "The cell 'fist second' (line 'notes | select', column 'ana') must be a number of rows or one of allow, deny, no grant, row refused, constraint, or rows of 'first', 'second', 'third'.",
    ],
    [
      'a line that comes twice',
      { expected: `${EXPECTED} | delete | 0 | 0 | 0 | 0 | 0` },
      "The matrix has the line 'notes | delete' twice.",
    ],
    [
      'a command that is none',
      { expected: `${EXPECTED} | truncate | 0 | 0 | 0 | 0 | 0` },
      "The command of the line 'notes | truncate' must be select, insert, update or delete; a label may follow insert and update.",
    ],
    [
      'a line without its row',
      { expected: `${EXPECTED} | update id | 0 | 0 | 0 | 0 | 0` },
      "The line 'notes | update id' needs a row: give the table 'notes' one under 'update id'.",
    ],
    [
      'a row without its line',
      { expected: without('insert own') },
      "The matrix has no line 'notes | insert own', though the table has 'insert own'.",
    ],
    [
      'a user of the name of a column that is always there',
      { users: { ...users, service: users.ana } },
      "The user 'service' must have another name: that column is always there.",
    ],
    [
      'an option that is none',
      { sed: seed } as object,
      'rlsMatrix has no option "sed". Did you mean "seed"?',
    ],
  ])('%s', async (_title, changed, message) => {
    expect((await refusalOf(() => matrixOf(changed))).message).toBe(message);
  });
});

describe('the connection of a matrix', () => {
  it('may not be one that forgets between two queries what was set', async () => {
    const pglite = await createEmbeddedDatabase({ sql: SCHEMA });
    await using database = rollbackDatabase({ embedded: { pglite } });
    const refused = await refusalOf(() => runRlsMatrix(database, rlsMatrix(options)));
    expect([refused.code, refused.message]).toEqual([
      'MATRIX_LOGIN',
      'A matrix needs one connection. This one forgets between two queries what was set.',
    ]);
    await database.close();
    await pglite.close();
  });
});

describeFullStack('the login of a matrix', (stack) => {
  it('must see every row', async () => {
    await using database = await createTestDatabase({
      sql: `${SCHEMA} grant select, insert on notes to cdb_user; grant usage on schema public to cdb_user;`,
    });
    const { openAdmin } = await import('../ops/full-stack-admin.ts');
    const connection = await openAdmin(database.user.direct);
    expect(stack.source).toBeDefined();
    const blind = matrixOf({ seed: async () => undefined });
    expect(await refusalOf(() => runRlsMatrix(connection, blind))).toMatchObject({
      code: 'MATRIX_LOGIN',
      message: "The login of the matrix may not see every row of 'public.notes'.",
    });
    await connection.close();
  });
});
