import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anonymous,
  type CallOptions,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  service,
  user,
} from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

/** Sends until something is heard: what is sent while nobody listens is lost. */
async function untilHeard(
  db: ConsolidatedDatabaseService,
  channel: string,
  heard: readonly string[],
): Promise<void> {
  const before = heard.length;
  await expect
    .poll(
      async () => {
        await db.as(service()).notify(channel, 'again');
        return heard.length;
      },
      { timeout: 10_000, interval: 100 },
    )
    .toBeGreaterThan(before);
}

function conversations(open: () => ConsolidatedDatabaseService): void {
  it('hears what is sent, until it is unsubscribed', async () => {
    const db = open();
    const heard: string[] = [];
    const other: string[] = [];
    const subscription = await db.as(service()).listen('trips', (payload) => heard.push(payload));
    await using _other = await db.as(service()).listen('trips', (payload) => other.push(payload));
    for (const payload of ['one', '', '🙂 two', 'x'.repeat(7_999)])
      await db.as(service()).notify('trips', payload);
    await db.as(service()).sql`select pg_notify('trips', ${'three'}), pg_notify('elsewhere', 'x')`;
    await expect.poll(() => other).toEqual(['one', '', '🙂 two', 'x'.repeat(7_999), 'three']);
    expect(heard).toEqual(other);
    await subscription.unsubscribe();
    await subscription.unsubscribe();
    await db.as(service()).notify('trips', 'four');
    await expect.poll(() => other.at(-1)).toBe('four');
    expect(heard.at(-1)).toBe('three');
  });

  it('hears nothing of a transaction that is rolled back', async () => {
    const db = open();
    const heard: string[] = [];
    await using _subscription = await db.as(service()).listen('trips', (payload) => heard.push(payload));
    await db.as(service()).transaction(async (tx) => { await tx.notify('trips', 'lost'); throw new Error('no'); }).catch(() => {}); // biome-ignore format: one call
    await db.as(service()).transaction((tx) => tx.notify('trips', 'kept'));
    await expect.poll(() => heard).toEqual(['kept']);
  });

  it('is for the service only', async () => {
    for (const identity of [anonymous(), user({ sub: 'me' })]) {
      await expect(
        open()
          .as(identity)
          .listen('trips', () => {}),
      ).rejects.toMatchObject({ code: 'SERVICE_ONLY', name: 'UsageError' });
    }
  });

  it('goes on after SQL of the application has left a session to be cleaned', async () => {
    const db = open();
    const heard: string[] = [];
    await using _subscription = await db.as(service()).listen('trips', (payload) => heard.push(payload));
    await db.as(service()).sql`select set_config('my.setting', 'x', false)`;
    await db.as(service()).sql({ access: 'write' })`unlisten *`;
    await untilHeard(db, 'trips', heard);
  });

  it('calls its handler with the ambient identity of the listener, not of the sender', async () => {
    const db = open();
    const asked = Promise.withResolvers<unknown>();
    const handler = () => void db.sql`select auth.jwt() ->> 'sub' as sub`.then(asked.resolve, asked.resolve);
    const listen = () => db.as(service()).listen('who', handler);
    await using _subscription = await db.runAs(user({ sub: 'listener' }), listen);
    await db.runAs(user({ sub: 'sender' }), () => db.notify('who'));
    expect(await asked.promise).toEqual([{ sub: 'listener' }]);
  });

  it('refuses a handler that is none, and a payload that is too long', async () => {
    const mine = open().as(service());
    await expect(mine.listen('trips', 'handler' as never)).rejects.toMatchObject({ name: 'UsageError' });
    await expect(mine.notify('trips', 'x'.repeat(8_000))).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(mine.notify('trips', 7 as never)).rejects.toMatchObject({ name: 'ValidationError' });
  });
}

describe('listening, embedded', () => {
  let db: ConsolidatedDatabaseService;
  let pglite: Awaited<ReturnType<typeof createEmbeddedDatabase>>;
  beforeAll(async () => {
    pglite = await createEmbeddedDatabase();
    db = createDatabaseService({ embedded: { pglite } });
  });
  afterAll(async () => {
    await db.close();
    await pglite.close();
  });
  conversations(() => db);
});

describe('listening, embedded in a thread of its own', () => {
  const db = createDatabaseService({ embedded: true });
  beforeAll(() => db.as(service()).sql`select 1`);
  afterAll(() => db.close());
  conversations(() => db);
});

describeFullStack('listening', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = createDatabaseService({ ...database.user, service: database.service });
  });
  afterAll(async () => {
    await db.close({ drainMs: 0 });
    await database.drop();
  });
  conversations(() => db);

  it('goes on after its backend was ended', async () => {
    const heard: string[] = [];
    await using _subscription = await db.as(service()).listen('again', (payload) => heard.push(payload));
    await untilHeard(db, 'again', heard);
    const killed = await withSession(database.adminUrl, ({ query }) =>
      query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database.name}' and query ilike 'listen%'`,
      ),
    );
    expect(JSON.stringify(killed)).toMatch(/true|"t"/);
    await untilHeard(db, 'again', heard);
  });

  it.each<[string, object, CallOptions]>([
    ['the call', {}, { mode: 'session' }],
    ['the options', { modes: { listen: ['session'] } }, {}],
  ])('takes the mode that %s name, whatever the others reach', async (_what, options, call) => {
    const nowhere = 'postgres://cdb_service:hush@127.0.0.1:1/postgres';
    await using own = createDatabaseService({
      ...database.user,
      service: { direct: nowhere, session: database.service.session },
      ...options,
    });
    const heard: string[] = [];
    await using _subscription = await own
      .as(service())
      .listen('elsewhere', (payload) => heard.push(payload), call);
    await untilHeard(db, 'elsewhere', heard);
  });

  it('needs a mode that can, and says which', async () => {
    await using pooled = createDatabaseService({
      transaction: database.user.transaction,
      service: { transaction: database.service.transaction },
    });
    await expect(pooled.as(service()).listen('trips', () => {})).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/direct.*session/),
    });
  });
});
