import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionMode } from '../../src/contract/mode.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import { ScriptedServer } from '../support/network/scripted-server.ts';
import { limits } from './conformance.ts';
import { modeOver } from './open-mode.ts';
import { ANNA, NOTES_SQL, statement, textRows, userActor } from './plans.ts';

const anna = userActor(ANNA);
const insert = (body: string) =>
  statement('insert into public.notes (body) values ($1) returning body', {
    columns: 1,
    values: [body],
    intent: 'write',
  });
const write = (mode: ConnectionMode, body: string) =>
  mode.run({ actor: anna, access: 'write', statements: [insert(body)], statementTimeoutMs: 0 }, limits());
const read = (mode: ConnectionMode, text: string, columns = 1) =>
  mode.run(
    { actor: anna, access: 'read', statements: [statement(text, { columns })], statementTimeoutMs: 0 },
    limits(),
  );

describeFullStack('recovery of what a connection lost', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: NOTES_SQL });
  });
  afterAll(() => database.drop());

  describe.each(['direct', 'session', 'transaction'] as const)('in the mode %s', (name) => {
    it('writes once where a read-only setting was left behind', async () => {
      await using own = await createTestDatabase({ sql: NOTES_SQL });
      await own.query(`alter database ${own.name} set default_transaction_read_only = on`);
      const mode = modeOver(name, own.user[name], { max: 1 });
      const replies = await write(mode, 'despite it');
      expect(replies.map(textRows)).toEqual([[['despite it']]]);
      expect(
        textRows((await read(mode, `select count(*)::text from public.notes where body = 'despite it'`))[0]),
      ).toEqual([['1']]);
      await mode.close(500);
    });
  });

  it('goes on after DDL changed the rows of a kept plan', async () => {
    await database.query(
      'create table public.shapes (a int); grant select on public.shapes to authenticated; insert into public.shapes values (1)',
    );
    const mode = modeOver('direct', database.user.direct, { max: 1 });
    const select = 'select * from public.shapes';
    expect(textRows((await read(mode, select))[0])).toEqual([['1']]);
    await database.query('alter table public.shapes add column b text default $$new$$');
    expect(textRows((await read(mode, select))[0])).toEqual([['1', 'new']]);
    // What the recovery closed and parsed anew is known to be there: a transaction can use it, after errors too.
    await expect(read(mode, 'select 1/0')).rejects.toMatchObject({ sqlState: '22012' });
    await read(mode, 'select 1');
    const begin = {
      actor: anna,
      access: 'read',
      isolation: 'read committed',
      statementTimeoutMs: 0,
    } as const;
    const seen = await mode.withTransaction(begin, limits(), async (tx) =>
      textRows((await tx.run([statement(select, { columns: 2 })], limits()))[0]),
    );
    expect(seen).toEqual([['1', 'new']]);
    await mode.close(500);
  });

  it('describes on a connection whose statements are gone', async () => {
    const mode = modeOver('direct', database.user.direct, { max: 1 });
    await read(mode, 'select 1');
    await mode.run(
      {
        actor: anna,
        access: 'write',
        statements: [statement('deallocate all', { columns: 0, origin: 'raw' })],
        statementTimeoutMs: 0,
      },
      limits(),
    );
    const fields = await mode.describe(
      {
        actor: anna,
        access: 'read',
        statements: [statement('select 1::int8 as n', { columns: 1 })],
        statementTimeoutMs: 0,
      },
      limits(),
    );
    expect(fields).toEqual([{ name: 'n', type: 20 }]);
    await mode.close(500);
  });

  it('does not commit what was aborted before it returned', async () => {
    const mode = modeOver('direct', database.user.direct, { max: 1 });
    const controller = new AbortController();
    const begin = {
      actor: anna,
      access: 'write',
      isolation: 'read committed',
      statementTimeoutMs: 0,
    } as const;
    const work = mode.withTransaction(begin, limits(5_000, { signal: controller.signal }), async (tx) => {
      await tx.run([insert('never committed')], limits());
      controller.abort();
    });
    await expect(work).rejects.toMatchObject({ code: 'ABORTED', outcome: 'not-applied' });
    expect(
      textRows(
        (await read(mode, `select count(*)::text from public.notes where body = 'never committed'`))[0],
      ),
    ).toEqual([['0']]);
    await mode.close(500);
  });

  it('tries a wrong password once, however many call', async () => {
    const upstream = new URL(database.user.direct);
    const proxy = new FaultyProxy({ upstream: { host: upstream.hostname, port: Number(upstream.port) } });
    const url = new URL(throughAddress(database.user.direct, await proxy.start()));
    url.password = 'wrong';
    const mode = modeOver('direct', url.href, { max: 8 });
    const calls = await Promise.allSettled(Array.from({ length: 32 }, () => read(mode, 'select 1')));
    expect(calls.every((call) => call.status === 'rejected' && call.reason.code === 'LOGIN_REFUSED')).toBe(
      true,
    );
    await expect(read(mode, 'select 1')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    expect(proxy.counts.connections).toBe(1);
    await mode.close(500);
    await proxy.stop();
  });

  it('serves all callers from the connections that the server grants', async () => {
    await using own = await createTestDatabase({ sql: NOTES_SQL });
    await own.query(`alter database ${own.name} connection limit 2`);
    // The test's own pool holds one of the two.
    const mode = modeOver('direct', own.user.direct, { max: 4 });
    const calls = await Promise.allSettled(
      Array.from({ length: 6 }, () => read(mode, 'select pg_sleep(0.05)::text')),
    );
    expect(calls.map((call) => (call.status === 'rejected' ? call.reason.code : 'served'))).toEqual(
      Array<string>(6).fill('served'),
    );
    await mode.close(500);
  });
});

describe('an error before the set-up was confirmed', () => {
  it('says that nothing was written where the lead of the second try met a standby', async () => {
    const server = new ScriptedServer({
      script: (sql, [nonce = null]) => {
        if (sql.startsWith('set transaction isolation level'))
          return { code: '0A000', message: 'cannot set transaction read-write mode during recovery' };
        if (sql === 'reset all' || sql.startsWith('set transaction_isolation')) return [];
        if (sql.includes('set_config')) return [nonce];
        return { code: '25006', message: 'cannot execute INSERT in a read-only transaction' };
      },
    });
    const { host, port } = await server.start();
    const mode = modeOver('transaction', `postgres://u:p@${host}:${port}/d`, { max: 1 });
    await expect(write(mode, 'once')).rejects.toMatchObject({
      code: 'SERVER_READ_ONLY',
      outcome: 'not-applied',
    });
    expect(server.ran.filter(({ sql }) => sql.startsWith('set transaction isolation level'))).toHaveLength(1);
    await mode.close(500);
    await server.stop();
  });

  it.each(['25006', '25001', '57014', '26000'])(
    '%s does not send a write again through a pooler',
    async (code) => {
      const server = new ScriptedServer({
        script: (sql) =>
          /^(?:re)?set /.test(sql) ? [] : { code, message: 'canceling statement due to user request' },
      });
      const { host, port } = await server.start();
      const mode = modeOver('transaction', `postgres://u:p@${host}:${port}/d`, { max: 1 });
      await expect(write(mode, 'once')).rejects.toMatchObject({ outcome: 'unknown' });
      expect(server.ran.filter(({ sql }) => sql.includes('set_config'))).toHaveLength(1);
      await mode.close(500);
      await server.stop();
    },
  );
});
