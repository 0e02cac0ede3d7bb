import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/contract/clock.ts';
import { openAdminConnection, serverFaultOf } from '../../src/modes/socket/admin-connection.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

type Notice = { readonly severity: string; readonly message: string };

async function open(database: TestDatabase, onNotice?: (notice: Notice) => void) {
  const connection = await openAdminConnection({
    url: database.ownerUrl,
    name: 'CDB_ADMIN_URL',
    clock: systemClock,
    ...(onNotice !== undefined && { onNotice }),
  });
  onTestFinished(() => connection.close());
  return connection;
}

it('gives up on a server that never answers, without naming the password', async () => {
  const server = createServer(() => {});
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const error = await rejection(
    openAdminConnection({
      url: `postgres://a:secret@127.0.0.1:${port}/b`,
      name: 'CDB_ADMIN_URL',
      clock: systemClock,
      connectTimeoutMs: 50,
    }),
  );
  expect(error).toMatchObject({ code: 'CONNECT_TIMEOUT', outcome: 'not-applied' });
  expect(JSON.stringify(error) + String(error)).not.toContain('secret');
});

describeFullStack('openAdminConnection', () => {
  it('runs statements with values, scripts of several statements, and passes notices on', async () => {
    await using database = await createTestDatabase();
    const notices: Notice[] = [];
    const connection = await open(database, (notice) => notices.push(notice));
    await connection.script("create table t (a int, b text); do $$ begin raise warning 'so; it is'; end $$");
    expect(await connection.query('insert into t values ($1, $2) returning a, b', [1, "it's"])).toEqual([
      { a: 1, b: "it's" },
    ]);
    expect(notices).toEqual([{ severity: 'WARNING', message: 'so; it is' }]);
  });

  it('says where a script failed, and neither values nor secrets when a statement did', async () => {
    await using database = await createTestDatabase({ sql: 'create table t (a int unique)' });
    const connection = await open(database);
    const script = await rejection(connection.script('select 1; select nope'));
    expect(serverFaultOf(script)).toMatchObject({ message: 'column "nope" does not exist', position: 18 });
    await connection.query('insert into t values ($1)', [4711]);
    for (const [text, value] of [
      ['insert into t values ($1)', 4711],
      ['select $1::int', 'value-to-hide'],
    ] as const) {
      const error = await rejection(connection.query(text, [value]));
      expect(error).toMatchObject({ sqlState: expect.stringMatching(/^2[23]/) });
      expect(serverFaultOf(error)).toBeUndefined();
      expect(JSON.stringify(error) + String(error)).not.toMatch(/4711|value-to-hide/);
    }
  });

  it('survives the end of its connection while idle, and tells whoever asks next', async () => {
    await using database = await createTestDatabase();
    const connection = await open(database);
    const [row] = await connection.query<{ pid: number }>('select pg_backend_pid() as pid');
    await database.query('select pg_terminate_backend($1, 5000)', [row?.pid]);
    for (const call of [connection.query('select 1'), connection.script('select 1')]) {
      expect(await rejection(call)).toMatchObject({ code: 'CONNECTION_LOST' });
    }
  });

  it('does not know whether a statement was applied when the connection ends on the way', async () => {
    await using database = await createTestDatabase();
    const connection = await open(database);
    expect(await rejection(connection.script('select pg_terminate_backend(pg_backend_pid())'))).toMatchObject(
      {
        code: 'CONNECTION_LOST',
        outcome: 'unknown',
      },
    );
  });

  it('takes no settings from the PG* variables of this process', async () => {
    await using database = await createTestDatabase();
    process.env.PGOPTIONS = '-c search_path=nowhere';
    onTestFinished(() => {
      delete process.env.PGOPTIONS;
    });
    const connection = await open(database);
    expect(
      await connection.query("select current_setting('search_path') like '%nowhere%' as leaked"),
    ).toEqual([{ leaked: false }]);
  });
});
