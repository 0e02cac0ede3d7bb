import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { anonymous, createDatabaseService, service, user } from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { openAdmin } from '../ops/full-stack-admin.ts';
import { runCdb } from '../ops/run-cdb.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';

const ANA = '6a1f6c3e-0000-4000-8000-000000000001';
const SQL = `${OWN_SCHEMA}
create table notes (id int primary key, owner uuid);
insert into notes values (1, '${ANA}'), (2, null), (3, null);
alter table notes enable row level security;
create policy mine on notes for select to authenticated using (owner = (select auth.uid()));
create table shelves (id int primary key);
insert into shelves values (1), (2);
alter table shelves enable row level security;
create policy by_notes on shelves for select to authenticated using (id in (select id from notes));`;

const PATIENCE = { timeout: 30_000, interval: 20 };

describeFullStack('the cache and a policy that ends by itself', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());

  /** In a process of its own. */
  const cdb = async (...args: readonly string[]): Promise<void> => {
    const done = await runCdb(['policies', ...args], { CDB_ADMIN_URL: database.ownerUrl });
    expect(done).toMatchObject({ code: 0, stderr: '' });
  };
  const open = (until: string) =>
    cdb(
      'open-temporarily',
      '--table=notes',
      '--role=authenticated',
      `--until=${until}`,
      '--reason=Test',
      '--confirm=public.notes',
    );
  const untilEnded = () =>
    database.query(
      `select pg_sleep(greatest(0, extract(epoch from max((after ->> 'until')::timestamptz) - clock_timestamp())))
       from cdb.audit where operation = 'open'`,
    );

  const listening = async () => {
    const db = createDatabaseService({
      ...database.user,
      service: database.service,
      cache: { ttlMs: 3_600_000, listen: true },
    });
    // The first cached call begins to listen.
    await db.as(service()).count('shelves', { cache: true });
    await vi.waitFor(() => expect(db.cache.stats().listening).toBe(true), PATIENCE);
    return db;
  };

  it('keeps nothing that another process opens meanwhile, whatever a call states, nor what depends on it', async () => {
    await using db = await listening();
    const ana = db.as(user({ sub: ANA }));
    const notes = () => ana.count('notes', { cache: { ttlMs: 3_600_000 } });
    const shelves = () => ana.count('shelves', { cache: { ttlMs: 3_600_000 } });
    expect([await notes(), await shelves(), await notes()]).toEqual([1, 1, 1]);
    expect(db.cache.stats().hits).toBe(1);
    // Time enough for a busy machine to hear of it, and to look twice.
    await open('12s');
    await vi.waitFor(async () => expect([await notes(), await shelves()]).toEqual([3, 2]), PATIENCE);
    const explained = () => ana.explainCache(ana.build.count('shelves'));
    const refused = { cacheable: false, reason: 'temporary policy' };
    await vi.waitFor(async () => expect(await explained()).toMatchObject(refused), PATIENCE);
    expect([await notes(), await shelves()]).toEqual([3, 2]);
    await untilEnded();
    expect([await notes(), await shelves()]).toEqual([1, 1]);
    // Other roles are not concerned.
    const anon = db.as(anonymous());
    expect(await anon.explainCache(anon.build.count('notes'))).toMatchObject({ cacheable: true });
  });

  it('keeps answers again when it is closed', async () => {
    await using db = await listening();
    const ana = db.as(user({ sub: ANA }));
    await open('1h');
    await vi.waitFor(async () => expect(await ana.count('notes', { cache: true })).toBe(3), PATIENCE);
    await cdb('close', '--table=notes');
    const isCacheable = async () => (await ana.explainCache(ana.build.count('notes'))).cacheable;
    await vi.waitFor(async () => expect(await isCacheable()).toBe(true), PATIENCE);
    expect(await ana.count('notes', { cache: true })).toBe(1);
  });

  it('keeps nothing either in a process that starts while it is open', async () => {
    await open('1h');
    await using db = createDatabaseService({ ...database.user, cache: { ttlMs: 3_600_000 } });
    const ana = db.as(user({ sub: ANA }));
    expect(await ana.count('notes', { cache: true })).toBe(3);
    const owner = await openAdmin(database.ownerUrl);
    await owner.script('drop policy "cdb temporary select to authenticated" on notes');
    await owner.close();
    expect(await ana.count('notes', { cache: true })).toBe(1);
    expect(db.cache.stats().refused).toMatchObject({ 'temporary policy': 2 });
  });

  it('keeps nothing while the catalog is read of which another process says that it changed', async () => {
    await using db = await listening();
    const shelves = () => db.as(service()).count('shelves', { cache: true });
    await shelves();
    const { hits } = db.cache.stats();
    await shelves();
    expect(db.cache.stats().hits).toBe(hits + 1);
    await withSession(database.adminUrl, async ({ query }) => {
      await query('begin');
      // Only the reading of the catalog needs it.
      await query('lock table pg_catalog.pg_inherits in access exclusive mode');
      const { invalidations } = db.cache.stats();
      await database.query("notify cdb_changes, '*'");
      await vi.waitFor(
        () =>
          expect(db.cache.stats().invalidations['other process']).toBe(invalidations['other process'] + 1),
        PATIENCE,
      );
      await shelves();
      await shelves();
      expect(db.cache.stats().hits).toBe(hits + 1);
      await query('rollback');
    });
    await vi.waitFor(async () => {
      await shelves();
      expect(db.cache.stats().hits).toBeGreaterThan(hits + 1);
    }, PATIENCE);
  });
});
