import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  anonymous,
  type CallEvent,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  service,
  user,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });

describe('the event of a call', () => {
  const events: CallEvent[] = [];
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;
  let first: CallEvent | undefined;

  beforeAll(async () => {
    db = createDatabaseService({
      embedded: {
        sql: `
          create table notes (id int primary key, title text);
          create table tags (id int primary key);
          create function one_more(n int) returns int language sql immutable as 'select n + 1';
          create table locked (id int);
          revoke all on locked from anon;
        `,
      },
      onCall: (event) => events.push(event),
    });
    mine = db.as(service());
    await mine.insert('notes', [{ id: 1, title: 'a' }]);
    first = events[0];
  });
  beforeEach(() => events.splice(0));
  afterAll(() => db.close());

  const targets = () => events.map(({ kind, target }) => [kind, target]);

  it('names the relation or the function, with its schema', async () => {
    await mine.select('notes');
    await mine.count('notes');
    await mine.rpc('one_more', { n: 1 });
    await mine.upsert('notes', { id: 2 }, { onConflict: ['id'] });
    await mine.update('notes', { title: 'b' }, { filters: { id: 2 } });
    await mine.delete('notes', { filters: { id: 2 } });
    for await (const row of mine.stream('notes')) expect(row).toBeDefined();
    await mine.explain(db.build.select('notes'));
    expect(targets()).toEqual([
      ['select', 'public.notes'],
      ['count', 'public.notes'],
      ['rpc.read', 'public.one_more'],
      ['upsert', 'public.notes'],
      ['update', 'public.notes'],
      ['delete', 'public.notes'],
      ['stream', 'public.notes'],
      ['explain', 'public.notes'],
    ]);
  });

  it('says how long the first call waited for the embedded database to be opened', async () => {
    expect(first?.connectMs).toBeGreaterThan(0);
    expect(first?.connectMs).toBeLessThanOrEqual(first!.milliseconds);
    await mine.select('notes');
    expect(events[0]?.connectMs).toBe(0);
  });

  it('names the relation of a batch only where all its statements have the same', async () => {
    await mine.batch([db.build.select('notes'), db.build.count('notes')]);
    await mine.batch([db.build.select('notes'), db.build.count('tags')]);
    expect(targets()).toEqual([
      ['batch', 'public.notes'],
      ['batch', undefined],
    ]);
  });

  it('names nothing that is not in the database, and nothing of raw SQL', async () => {
    await expect(mine.select('no_such_table')).rejects.toMatchObject({ code: 'UNKNOWN_RELATION' });
    await mine.sql`select 1 as one`;
    expect(targets()).toEqual([
      ['select', undefined],
      ['sql', undefined],
    ]);
  });

  it('has the label of the call, of each method', async () => {
    const label = 'notes.list';
    await mine.select('notes', { label });
    await mine.rpc('one_more', { n: 1 }, { label });
    await mine.sql({ label })`select 1 as one`;
    await mine.batch([db.build.select('notes')], { label });
    for await (const row of mine.stream('notes', { label })) expect(row).toBeDefined();
    await mine.explain(db.build.select('notes'), { label });
    await mine.transaction(
      async (tx) => {
        await tx.select('notes', { label: 'inner' });
        await tx.select('notes');
      },
      { label },
    );
    expect(events.map((event) => event.label)).toEqual([
      ...Array.from({ length: 6 }, () => label),
      'inner',
      undefined,
      label,
    ]);
  });

  it.each([
    ['empty', ''],
    ['too long', 'x'.repeat(101)],
    ['of two lines', 'a\nb'],
    ['with a control character', 'a\u001bb'],
    ['with a direction override', 'a\u202eb'],
    ['with a line separator', 'a\u2028b'],
    ['with half a character', 'a\ud800'],
    ['no text', 7],
    ['an object', { toString: () => 'a' }],
  ])('refuses a label that is %s, without repeating it', async (_, label) => {
    const refused = await mine.select('notes', { label: label as string }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'UsageError', code: 'INVALID_OPTION' });
    expect((refused as Error).message).toBe(
      "The option 'label' must be text of 1 to 100 characters, without control characters.",
    );
    expect(events).toMatchObject([{ errorCode: 'INVALID_OPTION', attempts: 0 }]);
  });

  it('says what is known of a call that failed, by code and class', async () => {
    await mine.select('notes');
    await expect(mine.insert('notes', { id: 1 })).rejects.toThrow();
    await expect(db.as(anonymous()).select('locked')).rejects.toThrow();
    await expect(mine.transaction(() => Promise.reject(new TypeError('mine')))).rejects.toThrow('mine');
    expect(
      events.map(({ outcome, errorCode, errorClass, attempts }) => [
        outcome,
        errorCode,
        errorClass,
        attempts,
      ]),
    ).toEqual([
      ['answered', undefined, undefined, 1],
      ['not-applied', 'UNIQUE_VIOLATION', 'UniqueConstraintError', 1],
      ['not-applied', 'FORBIDDEN', 'AuthorizationError', 1],
      ['not-applied', 'THROWN', 'Error', 1],
    ]);
  });

  it('counts each call inside a transaction as tried once', async () => {
    await mine.transaction(async (tx) => {
      await tx.select('notes');
      for await (const row of tx.stream('notes')) expect(row).toBeDefined();
    });
    expect(events.map(({ kind, attempts }) => [kind, attempts])).toEqual([
      ['select', 1],
      ['stream', 1],
      ['transaction', 1],
    ]);
  });

  it('holds no value: neither of arguments, nor of rows, nor of claims', async () => {
    const secret = 'nobody-shall-read-this';
    await mine.insert('notes', { id: 77, title: secret });
    await mine.select('notes', { filters: { title: secret } });
    await db.as(user({ sub: ME.claims.sub as string, email: secret })).sql`select ${secret} as a`;
    await expect(mine.insert('notes', { id: 77, title: secret })).rejects.toThrow();
    expect(events).toHaveLength(4);
    expect(JSON.stringify(events)).not.toContain(secret);
    expect(JSON.stringify(events)).not.toContain(ME.claims.sub);
  });
});

describe('listeners', () => {
  it('all get the same event, also where one of them throws', async () => {
    const warnings: string[] = [];
    await using db = createDatabaseService({
      embedded: true,
      metrics: true,
      onCall: () => {
        throw new Error('The listener is broken.');
      },
      onWarning: (message) => warnings.push(message),
    });
    expect(await db.as(service()).sql`select 1 as one`).toEqual([{ one: 1 }]);
    expect(warnings).toEqual(['onCall threw: The listener is broken.']);
    expect(db.getQueryMetrics('sql')).toMatchObject([{ calls: 1 }]);
  });

  it('cannot fail its call by a warning that throws too', async () => {
    await using broken = createDatabaseService({
      embedded: { sql: 'create table notes (id int primary key)' },
      onCall: () => {
        throw new Error('The listener is broken.');
      },
      onWarning: () => {
        throw new Error('So is this.');
      },
    });
    const told = new Promise<Error>((resolve) => process.once('warning', resolve));
    expect(await broken.as(service()).insert('notes', { id: 1 })).toEqual({ id: 1 });
    expect((await told).message).toBe(
      "The option 'onWarning' threw (So is this.) when it was told: onCall threw: The listener is broken.",
    );
  });
});

describeFullStack('where the time of a call goes', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table notes (id int primary key); grant all on notes to authenticated;
        create function nap() returns int language sql volatile as 'select 1 from pg_sleep(0.05)'`,
    });
  });
  afterAll(() => database.drop());

  async function scene(mode: 'direct' | 'session' | 'transaction', max = 1) {
    const events: CallEvent[] = [];
    const db = createDatabaseService({
      [mode]: database.user[mode],
      pools: { [mode]: { max } },
      onCall: (event) => events.push(event),
      onWarning: () => {},
    });
    return { events, mine: db.as(ME), [Symbol.asyncDispose]: () => db.close({ drainMs: 0 }) };
  }

  it.each(['direct', 'session', 'transaction'] as const)('%s: the queue, the server', async (mode) => {
    await using own = await scene(mode);
    const { mine, events } = own;
    await mine.rpc('nap');
    events.splice(0);
    await Promise.all(['served', 'waits'].map((label) => mine.rpc('nap', {}, { label })));
    const of = (label: string) => events.find((event) => event.label === label);
    expect(of('served')).toMatchObject({ queueMs: 0, connectMs: 0 });
    // While the other one slept.
    expect(of('waits')?.queueMs).toBeGreaterThan(0);
    expect(of('waits')?.connectMs).toBe(0);
    for (const { milliseconds, queueMs, connectMs, serverMs } of events) {
      expect(serverMs).toBeGreaterThan(40);
      expect(queueMs + connectMs + serverMs).toBeLessThanOrEqual(milliseconds + 1);
    }
  });

  it('a connection that is opened for it', async () => {
    await using own = await scene('direct', 2);
    await own.mine.rpc('nap');
    await Promise.all([
      own.mine.rpc('nap', {}, { label: 'served' }),
      own.mine.rpc('nap', {}, { label: 'new' }),
    ]);
    expect(own.events.find(({ label }) => label === 'new')?.connectMs).toBeGreaterThan(0);
    expect(own.events.find(({ label }) => label === 'served')?.connectMs).toBe(0);
  });

  it.each(['direct', 'session', 'transaction'] as const)(
    '%s: the first connection of a service, for all who wait for it',
    async (mode) => {
      await using own = await scene(mode);
      const { mine, events } = own;
      await Promise.all(['one', 'other'].map((label) => mine.rpc('nap', {}, { label })));
      await mine.rpc('nap', {}, { label: 'later' });
      expect(events.map(({ label }) => label).sort()).toEqual(['later', 'one', 'other']);
      for (const { label, milliseconds, queueMs, connectMs, serverMs } of events) {
        if (label === 'later') expect(connectMs).toBe(0);
        else expect(connectMs).toBeGreaterThan(0);
        expect(queueMs + connectMs + serverMs).toBeLessThanOrEqual(milliseconds + 1);
      }
    },
  );

  it('a first connection that cannot be opened', async () => {
    const events: CallEvent[] = [];
    const url = new URL(database.user.direct);
    url.password = 'wrong';
    await using db = createDatabaseService({ direct: url.href, onCall: (event) => events.push(event) });
    await expect(db.as(ME).rpc('nap')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    expect(events).toMatchObject([{ errorCode: 'LOGIN_REFUSED', attempts: 0, queueMs: 0, serverMs: 0 }]);
    expect(events[0]!.connectMs).toBeGreaterThan(0);
    expect(events[0]!.connectMs).toBeLessThanOrEqual(events[0]!.milliseconds);
  });

  it('a transaction has its begin and end, its statements have their own', async () => {
    await using own = await scene('direct');
    await own.mine.transaction(async (tx) => {
      await tx.rpc('nap');
      await tx.rpc('nap');
    });
    const [one, other, whole] = own.events as [CallEvent, CallEvent, CallEvent];
    expect(one.serverMs).toBeGreaterThan(40);
    expect(other.serverMs).toBeGreaterThan(40);
    expect(whole.serverMs).toBeGreaterThan(0);
    expect(whole.serverMs + one.serverMs + other.serverMs).toBeLessThanOrEqual(whole.milliseconds + 1);
  });
});
