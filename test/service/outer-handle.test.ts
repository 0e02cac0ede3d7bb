import { setTimeout as rest } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  DatabaseError,
  type DatabaseHandle,
  fragment,
  service,
  user,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const ME = '00000000-0000-4000-8000-000000000001';
const SQL = `create table notes (id int primary key); grant all on notes to anon, authenticated, service_role;
create function touch() returns int language sql volatile as 'select 1'`;

type Call = (db: DatabaseHandle) => Promise<unknown>;

/** Every method that makes a call, and what its error calls it. */
const CALLS: readonly (readonly [method: string, call: Call])[] = [
  ['select', (db) => db.select('notes')],
  ['select', (db) => db.selectMaybe('notes', { filters: { id: 1 } })],
  ['count', (db) => db.count('notes')],
  ['insert', (db) => db.insert('notes', { id: 9 })],
  ['update', (db) => db.update('notes', { id: 9 }, { filters: { id: 9 } })],
  ['upsert', (db) => db.upsert('notes', { id: 9 })],
  ['delete', (db) => db.delete('notes', { filters: { id: 9 } })],
  ['rpc', (db) => db.rpc('touch')],
  ['sql', (db) => db.sql`select 1`],
  ['batch', (db) => db.batch([db.build.count('notes')])],
  ['stream', (db) => db.stream('notes')[Symbol.asyncIterator]().next()],
  ['stream', (db) => db.stream(fragment`select 1`)[Symbol.asyncIterator]().next()],
  ['explain', (db) => db.explain(db.build.count('notes'))],
  ['transaction', (db) => db.transaction(async () => undefined)],
  ['notify', (db) => db.notify('channel')],
];

describeFullStack('inside the function of a transaction', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;

  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
    db = createDatabaseService({ ...database.user, service: database.service });
    mine = db.as(user({ sub: ME }));
  });
  afterAll(async () => {
    await db.close({ drainMs: 0 });
    await database.drop();
  });
  beforeEach(() => database.query('truncate notes'));

  it.each(CALLS)('%s() on the outer handle is refused, and names tx', async (method, call) => {
    const error: unknown = await mine
      .transaction(async (tx) => {
        await tx.insert('notes', { id: 1 });
        await call(mine);
      })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({
      code: 'TRANSACTION_BYPASSED',
      outcome: 'not-applied',
      message: expect.stringContaining(`${method}() `),
      hint: expect.stringMatching(new RegExp(`tx\\.${method}\\(.*db\\.outside\\(`)),
    });
    expect(await mine.count('notes')).toBe(0);
  });

  it.each(CALLS)('%s() is let through by outside()', async (_method, call) => {
    await mine.transaction(async (tx) => {
      await tx.sql`select 1`;
      await db.outside(() => call(mine));
    });
  });

  it('a call is noticed by its identity, whichever handle makes it, and however deep', async () => {
    const again = db.as(user({ sub: ME }));
    const deep = async () => {
      await rest(1);
      return Promise.all([again.count('notes')]);
    };
    const refused = expect.objectContaining({ code: 'TRANSACTION_BYPASSED' });
    await mine.transaction(async (tx) => {
      await expect(deep()).rejects.toEqual(refused);
      await expect(db.runAs(user({ sub: ME }), () => db.count('notes'))).rejects.toEqual(refused);
      await tx.transaction(async () => {
        await expect(deep()).rejects.toEqual(refused);
      });
      // In the transaction of somebody else, the outer one is still open.
      await db.as(service()).transaction(async () => {
        await expect(deep()).rejects.toEqual(refused);
      });
    });
    await db.runAs(user({ sub: ME }), () =>
      db.transaction(async () => {
        await expect(db.count('notes')).rejects.toEqual(refused);
      }),
    );
  });

  it('others are looked up as themselves', async () => {
    await mine.transaction(async (tx) => {
      await tx.insert('notes', { id: 1 });
      expect(await db.as(service()).count('notes')).toBe(0);
      expect(await db.as(anonymous()).count('notes')).toBe(0);
      expect(await db.as(user({ sub: ME, role: 'anon' })).count('notes')).toBe(0);
      expect(await db.runAs(service(), () => db.count('notes'))).toBe(0);
    });
  });

  it('an identity is its role and its claims, in whatever order they were given', async () => {
    const claims = { sub: ME, aal: 'aal2', orgs: [{ id: 1, as: 'owner' }, { id: 2 }] };
    await db.as(user(claims)).transaction(async (tx) => {
      await tx.insert('notes', { id: 1 });
      const reordered = {
        orgs: [{ as: 'owner', id: 1 }, { id: 2 }],
        role: 'authenticated',
        aal: 'aal2',
        sub: ME,
      };
      await expect(db.as(user(reordered)).count('notes')).rejects.toMatchObject({
        code: 'TRANSACTION_BYPASSED',
      });
      for (const other of [
        { sub: ME },
        { ...claims, aal: 'aal1' },
        { ...claims, orgs: [...claims.orgs].reverse() },
        { ...claims, role: 'anon' },
      ]) {
        expect(await db.as(user(other)).count('notes')).toBe(0);
      }
    });
  });

  it('another service is not accused', async () => {
    await using other = createDatabaseService({ direct: database.user.direct, onWarning: () => {} });
    await mine.transaction(async (tx) => {
      await tx.insert('notes', { id: 1 });
      expect(await other.as(user({ sub: ME })).count('notes')).toBe(0);
    });
  });

  it('what goes on after the transaction has ended is not accused, committed or not', async () => {
    for (const fails of [false, true]) {
      const ended = Promise.withResolvers<void>();
      let late: Promise<unknown> | undefined;
      const done = mine.transaction(async (tx) => {
        await tx.sql`select 1`;
        late = ended.promise.then(() => mine.count('notes'));
        if (fails) throw new RangeError('no');
      });
      await done.catch((error: unknown) => expect(error).toBeInstanceOf(RangeError));
      ended.resolve();
      expect(await late).toBe(0);
    }
  });

  it('a subscription may begin: it is no part of any transaction', async () => {
    const admin = db.as(service());
    await admin.transaction(async () => {
      await (await admin.listen('channel', () => {})).unsubscribe();
    });
  });

  it('calls that were made outside of it run beside it', async () => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const done = mine.transaction(async (tx) => {
      await tx.insert('notes', { id: 1 });
      begun.resolve();
      await go.promise;
    });
    await begun.promise;
    expect(await mine.count('notes')).toBe(0);
    go.resolve();
    await done;
    expect(await mine.count('notes')).toBe(1);
  });

  it('ten at once that would each take a second connection are told, and the pool stays free', async () => {
    await using small = createDatabaseService({
      direct: database.user.direct,
      pools: { direct: { max: 10 } },
      onWarning: () => {},
    });
    const handle = small.as(user({ sub: ME }));
    const all = Array.from({ length: 10 }, (_, id) =>
      handle.transaction(async (tx) => {
        await tx.insert('notes', { id });
        return handle.count('notes');
      }),
    );
    for (const one of await Promise.allSettled(all)) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'TRANSACTION_BYPASSED' } });
    }
    expect(await handle.count('notes')).toBe(0);
  });

  it('who waits for a connection that its own transaction keeps is told why', async () => {
    await using small = createDatabaseService({
      direct: database.user.direct,
      pools: { direct: { max: 2 } },
      onWarning: () => {},
    });
    const handle = small.as(user({ sub: ME }));
    await handle.count('notes');
    const both = Promise.withResolvers<void>();
    let begun = 0;
    const all = Array.from({ length: 2 }, () =>
      handle.transaction(async (tx) => {
        await tx.sql`select 1`;
        begun += 1;
        if (begun === 2) both.resolve();
        await both.promise;
        return small.outside(() => handle.count('notes', { timeoutMs: 200 }));
      }),
    );
    const told = (await Promise.allSettled(all)).map((one) => (one as PromiseRejectedResult).reason);
    expect(told[0]).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/2 of 2 connections busy, maximum 2; [12] of them held by transactions/),
    });
  });
});
