import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anonymous, service, UniqueConstraintError, user } from '../../src/index.ts';
import { type RollbackDatabase, rollbackDatabase, withRollback } from '../../src/testing/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { refusalOf } from '../truth/every-mode.ts';

const ANA = '00000000-0000-4000-8000-000000000001';
const BEN = '00000000-0000-4000-8000-000000000002';
const ana = user({ sub: ANA });
const ben = user({ sub: BEN });

const SCHEMA = `
  create table notes (
    id int primary key,
    owner_id uuid not null default auth.uid(),
    body text not null unique,
    follows int constraint notes_follows_fkey references notes (id) deferrable initially deferred
  );
  alter table notes enable row level security;
  create policy own on notes to authenticated using (owner_id = auth.uid()) with check (owner_id = auth.uid());
  create table tags (id int primary key, hue text);
  insert into tags values (1, 'red');
`;

interface Opened extends AsyncDisposable {
  readonly make: (options?: Parameters<typeof rollbackDatabase>[0]) => RollbackDatabase;
  /** What is committed. Not while a test is open: PGlite has one session. */
  readonly committed: () => Promise<number>;
}

function cases(open: () => Promise<Opened>): void {
  let opened: Opened;
  let database: RollbackDatabase;

  beforeAll(async () => {
    opened = await open();
    database = opened.make();
    await database.query('insert into notes (id, owner_id, body) values ($1, $3, $2)', [1, 'seeded', ANA]);
  });
  afterAll(async () => {
    await database.close();
    expect(await opened.committed()).toBe(0);
    await opened[Symbol.asyncDispose]();
  });
  beforeEach(() => database.begin());
  afterEach(() => database.rollback());

  const idsOf = async (identity: Parameters<RollbackDatabase['db']['as']>[0]) =>
    (await database.db.as(identity).select('notes', { columns: ['id'], orderBy: 'id' })).map(({ id }) => id);

  it.each([2, 3])('lets each test begin with what was seeded (%i)', async (id) => {
    expect(await idsOf(ana)).toEqual([1]);
    await database.db.as(ana).insert('notes', { id, body: 'of a test' });
    expect(await idsOf(ana)).toEqual([1, id]);
  });

  it('runs each call as its own identity', async () => {
    const { db } = database;
    await db.as(ben).insert('notes', { id: 2, body: 'of Ben' });
    expect([await idsOf(ana), await idsOf(ben), await idsOf(service())]).toEqual([[1], [2], [1, 2]]);
    expect(await idsOf(anonymous())).toEqual([]);
    const whoami = async (identity: typeof ana) =>
      (await db.as(identity).sql`select current_user::text as role, auth.uid() as id`)[0];
    expect(await whoami(ana)).toEqual({ role: 'authenticated', id: ANA });
    expect(await db.as(anonymous()).sql`select current_user::text as role, auth.uid() as id`).toEqual([
      { role: 'anon', id: null },
    ]);
    const refused = await refusalOf(() =>
      db.as(ana).insert('notes', { id: 3, owner_id: BEN, body: 'forged' }),
    );
    expect([refused.statusCode, refused.sqlState]).toEqual([403, '42501']);
  });

  it('runs calls one after the other that are made at once', async () => {
    await Promise.all([2, 3, 4].map((id) => database.db.as(ana).insert('notes', { id, body: `${id}` })));
    expect(await idsOf(ana)).toEqual([1, 2, 3, 4]);
  });

  it('goes on after a call that failed, without what it did', async () => {
    const { db } = database;
    const failed = db
      .as(ana)
      .batch([
        db.build.insert('notes', { id: 2, body: 'undone' }),
        db.build.insert('notes', { id: 3, body: 'seeded' }),
      ]);
    await expect(failed).rejects.toBeInstanceOf(UniqueConstraintError);
    expect(await idsOf(ana)).toEqual([1]);
  });

  it('runs transactions, whose own rollbacks undo what they did', async () => {
    await database.db.as(ana).transaction(async (tx) => {
      await tx.insert('notes', { id: 2, body: 'kept' });
      await tx
        .transaction(async (inner) => {
          await inner.insert('notes', { id: 3, body: 'undone' });
          throw new Error('inner');
        })
        .catch(() => undefined);
    });
    const failed = database.db.as(ana).transaction(async (tx) => {
      await tx.insert('notes', { id: 4, body: 'undone too' });
      throw new Error('outer');
    });
    await expect(failed).rejects.toThrow('outer');
    expect(await idsOf(ana)).toEqual([1, 2]);
  });

  it('checks deferred constraints where a COMMIT would', async () => {
    const { db } = database;
    const dangling = await refusalOf(() => db.as(ana).insert('notes', { id: 2, body: 'x', follows: 9 }));
    expect(dangling.constraint).toBe('notes_follows_fkey');
    await db.as(ana).transaction(async (tx) => {
      await tx.insert('notes', { id: 2, body: 'first', follows: 3 });
      await tx.insert('notes', { id: 3, body: 'second', follows: 2 });
    });
    expect(await idsOf(ana)).toEqual([1, 2, 3]);
    const inTransaction = await refusalOf(() =>
      db.as(ana).transaction(async (tx) => {
        await tx.insert('notes', { id: 4, body: 'y', follows: 9 });
      }),
    );
    expect(inTransaction.constraint).toBe('notes_follows_fkey');
  });

  it('refuses writes of what only reads, and lets writes follow it', async () => {
    const { db } = database;
    const write = () => db.as(ana).sql({ access: 'read' })`insert into notes (id, body) values (2, 'x')`;
    expect((await refusalOf(write)).code).toBe('READ_ONLY');
    const inTransaction = () =>
      db.as(ana).transaction((tx) => tx.insert('notes', { id: 2, body: 'x' }), { readOnly: true });
    expect((await refusalOf(inTransaction)).code).toBe('READ_ONLY');
    await db.as(ana).insert('notes', { id: 2, body: 'x' });
    expect(await idsOf(ana)).toEqual([1, 2]);
  });

  it('leaves nothing of what raw SQL sets', async () => {
    const { db } = database;
    await db.as(ana)
      .sql`select set_config('request.jwt.claim.sub', ${BEN}, false), set_config('app.x', 'y', false)`;
    expect(await idsOf(ana)).toEqual([1]);
    expect(await db.as(ben).sql`select auth.uid() as id, current_setting('app.x', true) as x`).toEqual([
      { id: BEN, x: '' },
    ]);
  });

  it('acts behind raw SQL as the identity that acted last', async () => {
    const { db } = database;
    await db.as(ana).sql`select 1`;
    const ids = await db.as(ben).transaction(async (tx) => {
      await tx.insert('notes', { id: 2, body: 'of Ben' });
      await tx.sql`select set_config('role', 'anon', true), set_config('request.jwt.claims', '{}', true)`;
      return (await tx.select('notes')).map(({ id }) => id);
    });
    expect(ids).toEqual([2]);
  });

  it('reads streams and plans', async () => {
    const { db } = database;
    const bodies: unknown[] = [];
    for await (const row of db.as(ana).stream('notes')) bodies.push(row.body);
    expect(bodies).toEqual(['seeded']);
    expect(await db.as(ana).explain(db.build.select('notes'))).toContain('notes');
  });

  it('refuses a call inside a transaction that would need another connection', async () => {
    const { db } = database;
    const inside = () => db.as(ana).transaction(() => db.as(ben).select('notes'));
    expect((await refusalOf(inside)).code).toBe('ONE_CONNECTION');
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const after = await db.as(ana).transaction(async () => ({ ids: ended.then(() => idsOf(ana)) }));
    end();
    expect(await after.ids).toEqual([1]);
  });

  it('refuses an isolation that the transaction of the test does not have', async () => {
    const asked = () =>
      database.db.as(ana).transaction((tx) => tx.select('notes'), { isolation: 'serializable' });
    expect(await refusalOf(asked)).toMatchObject({
      code: 'UNSUPPORTED',
      hint: "Give rollbackDatabase the option 'isolation': 'serializable'.",
    });
  });

  it('refuses SQL that commits by itself', async () => {
    const committing = () =>
      database.db.as(service()).sql({ ownTransactions: true })`do $$ begin commit; end $$`;
    expect((await refusalOf(committing)).code).toBe('UNSUPPORTED');
    const inBlock = () => database.db.as(service()).sql`do $$ begin commit; end $$`;
    expect((await refusalOf(inBlock)).code).toBe('TRANSACTION_CONTROL');
    expect(await idsOf(ana)).toEqual([1]);
  });

  it.each([1, 2])('goes on where a test has changed a table (%i)', async () => {
    const { db } = database;
    expect(await db.as(service()).select('tags')).toEqual([{ id: 1, hue: 'red' }]);
    await database.query('alter table tags drop column hue, add column size int not null default 7');
    expect(await db.as(service()).select('tags')).toEqual([{ id: 1, size: 7 }]);
  });

  it('applies a write with a key once, in each test anew', async () => {
    const { db } = database;
    const write = () =>
      db.as(ana).insert('notes', { id: 2, body: 'once' }, { idempotencyKey: 'a-key-of-the-test' });
    for (const _test of [1, 2]) {
      await withRollback(database, async () => {
        expect([await write(), await write()]).toHaveLength(2);
        expect(await idsOf(ana)).toEqual([1, 2]);
      });
    }
  });

  it('nests levels', async () => {
    const { db } = database;
    await withRollback(database, async () => {
      await db.as(ana).insert('notes', { id: 2, body: 'outer' });
      await withRollback(database, async () => {
        await db.as(ana).insert('notes', { id: 3, body: 'inner' });
        expect(await idsOf(ana)).toEqual([1, 2, 3]);
      });
      expect(await idsOf(ana)).toEqual([1, 2]);
    });
    await expect(
      withRollback(database, async () => {
        await db.as(ana).delete('notes', { all: true });
        throw new Error('of the test');
      }),
    ).rejects.toThrow('of the test');
    expect(await idsOf(ana)).toEqual([1]);
  });

  it('forgets answers that were kept of what is undone', async () => {
    const { db } = database;
    const kept = () => db.as(ana).count('notes', { cache: { ttlMs: 60_000 } });
    await withRollback(database, async () => {
      await db.as(ana).insert('notes', { id: 2, body: 'x' });
      expect([await kept(), await kept()]).toEqual([2, 2]);
    });
    expect(await kept()).toBe(1);
  });

  it('binds values of its queries', async () => {
    expect(await database.query("select $2::text as b, $1::int as a, '$3' as c", [1, 'x'])).toEqual([
      { b: 'x', a: 1, c: '$3' },
    ]);
    await expect(database.query('select $1', [])).rejects.toThrow(
      'The SQL has the parameter $1, and 0 values.',
    );
  });
}

describe('a test that is rolled back, on the embedded database', () => {
  cases(async () => {
    const pglite = await createEmbeddedDatabase({ sql: SCHEMA });
    return {
      make: (options) => rollbackDatabase({ embedded: { pglite }, ...options }),
      committed: async () =>
        (await pglite.query<{ n: number }>('select count(*)::int as n from notes')).rows[0]?.n ?? -1,
      [Symbol.asyncDispose]: () => pglite.close(),
    };
  });
});

describeFullStack('a test that is rolled back, on a server', (stack) => {
  cases(async () => {
    const database = await createTestDatabase({ sql: `${SCHEMA} ${OWN_SCHEMA}` });
    return {
      make: (options) => rollbackDatabase({ url: database.ownerUrl, ...options }),
      committed: async () =>
        (await database.query<{ n: number }>('select count(*)::int as n from notes'))[0]?.n ?? -1,
      [Symbol.asyncDispose]: () => database.drop(),
    };
  });

  describe('beside it', () => {
    let server: TestDatabase;

    beforeAll(async () => {
      server = await createTestDatabase({ sql: SCHEMA });
    });
    afterAll(() => server.drop());

    it('sees nothing of it, while it runs', async () => {
      await using database = rollbackDatabase({ url: server.ownerUrl });
      await database.db.as(ana).insert('notes', { id: 1, body: 'x' });
      expect(await server.query('select id from notes')).toEqual([]);
    });

    it('runs serializable transactions where that is asked for', async () => {
      await using database = rollbackDatabase({ url: server.ownerUrl, isolation: 'serializable' });
      const isolation = await database.db
        .as(ana)
        .transaction((tx) => tx.sql`select current_setting('transaction_isolation') as level`, {
          isolation: 'serializable',
        });
      expect(isolation).toEqual([{ level: 'serializable' }]);
    });

    it('says that a call that timed out has ended the test, and begins the next one anew', async () => {
      await using database = rollbackDatabase({ url: server.ownerUrl });
      await database.begin();
      const slow = () => database.db.as(ana).sql({ timeoutMs: 50 })`select pg_sleep(30)`;
      await expect(slow()).rejects.toThrow();
      await database.db
        .as(ana)
        .select('notes')
        .catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'TEST_TRANSACTION_LOST' });
        });
      await database.rollback();
      await database.begin();
      expect(await database.db.as(ana).select('notes')).toEqual([]);
    });

    it('begins the next one anew where the server ended the connection between two calls', async () => {
      await using database = rollbackDatabase({ url: server.ownerUrl });
      await database.begin();
      const [row] = await database.query<{ id: number }>('select pg_backend_pid() as id');
      await server.query('select pg_terminate_backend($1)', [row?.id]);
      await expect(database.db.as(ana).select('notes')).rejects.toThrow();
      expect((await refusalOf(() => database.db.as(ana).select('notes'))).code).toBe('TEST_TRANSACTION_LOST');
      await database.rollback();
      expect(await database.db.as(ana).select('notes')).toEqual([]);
    });

    it('keeps telling the tests of a file that their seed was lost', async () => {
      await using database = rollbackDatabase({ url: server.ownerUrl });
      await database.query("insert into notes (id, owner_id, body) values (1, $1, 'seeded')", [ANA]);
      await database.begin();
      await database.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
      await database.rollback();
      await database.begin();
      const next = await refusalOf(() => database.db.as(ana).select('notes'));
      expect(next.code).toBe('TEST_TRANSACTION_LOST');
    });

    it('takes no pooler for it', async () => {
      await using database = rollbackDatabase({ url: server.user.session });
      expect((await refusalOf(() => database.db.as(ana).select('notes'))).code).toBe('MISPLACED_URL');
    });
  });

  it('takes no options of connections for its service', async () => {
    const service = { session: stack.user.session } as object;
    const refused = await refusalOf(() => rollbackDatabase({ url: stack.owner, service }));
    expect([refused.code, refused.message]).toEqual([
      'INVALID_OPTION',
      "The option 'service' of rollbackDatabase cannot have 'session': its connection is that of the test.",
    ]);
  });

  it('takes no server of another machine, unless that is said', async () => {
    const url = stack.owner.replace(/@[^/]+/, '@db.example.org:5432');
    expect((await refusalOf(() => rollbackDatabase({ url }))).code).toBe('REMOTE_TEST_DATABASE');
    await using remote = rollbackDatabase({ url, allowRemote: true });
    expect(remote.db).toBeDefined();
  });
});
