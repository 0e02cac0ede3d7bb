import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  fragment,
  op,
  user,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';

const SQL = `
  create table trips (id uuid primary key, starts_on date, created_at timestamptz, tags text[] not null default '{}');
  grant select, insert, update, delete on trips to authenticated;
  create table feedback (id int generated always as identity, body text, unique (body));
  revoke all on feedback from authenticated;
  grant insert on feedback to authenticated;
  create table ledger (id int primary key, body text, secret text);
  revoke all on ledger from authenticated;
  grant insert, update, delete, select (id, body) on ledger to authenticated;
  create table audit (id int);
  revoke all on audit from authenticated;
  create table watched (id int primary key);
  create function watch() returns trigger language plpgsql as $$ begin insert into audit values (new.id); return new; end $$;
  create trigger watch after insert on watched for each row execute function watch();
  create table closed (id int primary key);
  create function refuse() returns trigger language plpgsql as $$ begin
    raise insufficient_privilege using message = 'permission denied for table closed', hint = 'ask Ana', column = 'id';
  end $$;
  create trigger refuse before insert on closed for each row execute function refuse();
  grant select, insert on watched, closed to authenticated;
  create table requests (id int primary key, body text);
  alter table requests enable row level security;
  create policy "write" on requests for insert with check (true);
  grant select, insert on requests to authenticated;
  create table answers (id int primary key);
  alter table answers enable row level security;
  create policy "write" on answers for insert with check (id > 0);
  create policy "read" on answers for select using (id > 0);
  grant select, insert on answers to authenticated;
`;
const ID = '6f1d7a8e-2f0c-4b5a-9d3e-0a1b2c3d4e5f';

describe('hints', () => {
  let pglite: PGlite;
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;

  beforeAll(async () => {
    pglite = await createEmbeddedDatabase({ sql: SQL });
    db = createDatabaseService({ embedded: { pglite } });
    mine = db.as(user({ sub: ID }));
  });
  afterAll(async () => {
    await db.close();
    await pglite.close();
  });

  describe('to return nothing of a table that the role may only write', () => {
    const hint = expect.stringContaining("pass 'returning: false'");

    it.each<[string, () => Promise<unknown>]>([
      ['without a grant to read', () => mine.insert('feedback', { body: 'a' })],
      ['of an upsert', () => mine.upsert('ledger', { id: 1, body: 'b' })],
      ['of an update', () => mine.update('ledger', { body: 'b' }, { all: true })],
      ['of a delete', () => mine.delete('ledger', { all: true })],
      ['in a batch', () => mine.batch([mine.build.insert('feedback', { body: 'b' })])],
      ['in a transaction', () => mine.transaction((tx) => tx.insert('feedback', { body: 'c' }))],
    ])('%s', async (_name, call) => {
      await expect(call()).rejects.toMatchObject({ name: 'AuthorizationError', code: 'FORBIDDEN', hint });
    });

    it('and that works', async () => {
      expect(await mine.insert('feedback', { body: 'd' }, { returning: false })).toBe(1);
      expect(await mine.insert('requests', { id: 2 }, { returning: false })).toBe(1);
    });

    it('where no policy lets it read any row', async () => {
      const error = await mine.insert('requests', { id: 3 }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'FORBIDDEN', relation: 'requests', hint });
    });

    it('but not where a policy refuses, which the rows may not meet', async () => {
      const error = await mine.insert('answers', { id: -1 }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'FORBIDDEN', relation: 'answers', hint: undefined });
    });

    it('but not where the trigger of the table lacks a right', async () => {
      const error = await mine.insert('watched', { id: 1 }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({
        code: 'FORBIDDEN',
        hint: expect.not.stringContaining('returning: false'),
      });
    });

    it('but not in place of the hint that a function raises', async () => {
      const error = await mine.insert('closed', { id: 1 }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'FORBIDDEN', hint: 'ask Ana', field: 'id' });
    });

    it('but not where nothing was returned', async () => {
      const error = await mine.select('feedback').catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'FORBIDDEN', hint: undefined });
    });
  });

  it.each<[string, () => Promise<unknown>, string, string]>([
    ['a uuid', () => mine.insert('trips', { id: 'seven' }), 'id', 'must be a UUID such as'],
    ['a uuid of a filter', () => mine.select('trips', { filters: { id: 'seven' } }), 'id', 'must be a UUID'],
    [
      'a uuid of several',
      () => mine.select('trips', { filters: { id: op.in([ID, '7']) } }),
      'id',
      'must be a UUID',
    ],
    [
      'a day',
      () => mine.insert('trips', { id: ID, starts_on: 'soon' }),
      'starts_on',
      "a day as text such as '2024-01-31'",
    ],
    [
      'a day that the month lacks',
      () => mine.update('trips', { starts_on: '2024-02-30' }, { all: true }),
      'starts_on',
      'a day as text',
    ],
    [
      'a time',
      () => mine.insert('trips', [{ id: ID, created_at: '2024-13-01T00:00:00Z' }]),
      'created_at',
      'a time as text such as',
    ],
    [
      'a time of a position',
      () => mine.select('trips', { orderBy: ['created_at', 'id'], after: { created_at: 'x', id: ID } }),
      'created_at',
      'a time as text',
    ],
  ])('name the column of a bad value: %s', async (_name, call, field, allowed) => {
    const error = await call().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ValidationError', statusCode: 400, field });
    expect((error as Error).message).toContain(`column "${field}" of "trips"`);
    expect((error as Error).message).toContain(allowed);
  });

  it('leave to Postgres what it may be able to read', async () => {
    const ids = [ID, ID.toUpperCase(), `{${ID}}`, ID.replaceAll('-', '')];
    expect(await mine.count('trips', { filters: { id: op.in(ids) } })).toBe(0);
    const days = [
      'today',
      'infinity',
      '2024-02-29',
      '20240131',
      'Jan 5, 2024',
      '0044-03-15 BC',
      '2024.031',
      'J2451187',
    ];
    for (const starts_on of days) expect(await mine.count('trips', { filters: { starts_on } })).toBe(0);
    const times = ['now', '2024-02-29 24:00:00+00', '2024-01-31T12:00:00.123456Z', '-infinity', 'epoch'];
    for (const created_at of times) expect(await mine.count('trips', { filters: { created_at } })).toBe(0);
  });

  it.each<[string, unknown, string]>([
    ['text', 'select 1', 'called as a function with text. Write sql`select …`'],
    ['a fragment', fragment`select 1`, 'with a fragment'],
    ['nothing', undefined, 'with a value of type undefined'],
    ['null', null, 'with null'],
  ])('say how sql is called when it is given %s', (_name, given, message) => {
    expect(() => mine.sql(given as never)).toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(message) }),
    );
  });

  it.each<[string, () => Promise<unknown>]>([
    ['in', () => mine.sql`select * from trips where id in (${[ID]})`],
    ['not in', () => mine.sql`select * from trips where id::text not in ( ${[ID, ID]} )`],
    ['a fragment', () => mine.sql`select * from trips where ${fragment`id in (${[ID]})`}`],
  ])('say how an array is compared: %s', async (_name, call) => {
    await expect(call()).rejects.toMatchObject({
      name: 'UsageError',
      code: 'MISPLACED_VALUE',
      message: expect.stringMatching(/write "= any\(\$\{…\}\)"/),
    });
    expect(await mine.sql`select 1 as n where ${ID} = any(${[ID]})`).toEqual([{ n: 1 }]);
  });

  it.each<[string, () => unknown]>([
    ['runAs', () => db.runAs(user({ sub: ID }), undefined as never)],
    ['outside', () => db.outside(5 as never)],
  ])('say that %s needs a function', (method, call) => {
    const message = expect.stringMatching(new RegExp(`^${method}\\(\\) needs a function\\. It was of type`));
    expect(call).toThrow(expect.objectContaining({ name: 'UsageError', code: 'INVALID_OPTION', message }));
  });

  it('say that an option of explain is true or false', async () => {
    const explained = async () => mine.explain(db.build.count('trips'), { analyze: 'yes' as never });
    await expect(explained()).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(/'analyze' must be true or false/),
    });
  });

  it.each<[string, unknown]>([
    ['a number', 5],
    ['undefined', undefined],
    ['null', null],
  ])('say that a transaction needs a promise, not %s', async (what, result) => {
    const refused = {
      name: 'UsageError',
      code: 'INVALID_OPTION',
      message: expect.stringMatching(
        /must be async, or return a promise.* It returned (?:null|a value of type)/,
      ),
    };
    await expect(mine.transaction((() => result) as never), what).rejects.toMatchObject(refused);
    const nested = mine.transaction((tx) => tx.transaction((() => result) as never));
    await expect(nested).rejects.toMatchObject(refused);
    expect(await mine.transaction(async (tx) => tx.count('trips'))).toBe(0);
  });

  it.each([
    [
      'create table a (id int);\ncreate table b (a int references nowhere);',
      'failed at statement 2 (line 2)',
      '42P01',
    ],
    [
      'create table a (n int check (n > 0));\n-- the first\n\ninsert into a\n  values (0);',
      'failed at statement 2 (line 4)',
      '23514',
    ],
    ['create table a (id int);\nselect nothing from a', 'failed at line 2', '42703'],
  ])('name the statement at which an embedded schema failed: %s', async (sql, where, sqlState) => {
    await using other = createDatabaseService({ embedded: { sql } });
    await expect(other.as(user({ sub: ID })).count('a')).rejects.toMatchObject({
      code: 'EMBEDDED_FAILED',
      sqlState,
      message: expect.stringContaining(where),
    });
  });
});
