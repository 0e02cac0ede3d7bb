import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  user,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import { refusalOf } from '../truth/every-mode.ts';

const SQL = 'create table notes (id int primary key, title text); grant all on notes to authenticated';

describeFullStack('a read while a write is under way', () => {
  let database: TestDatabase;
  let proxy: FaultyProxy;
  let direct: string;
  let db: ConsolidatedDatabaseService;
  let ann: DatabaseHandle;
  /** Holds up whoever writes the note, in a transaction of its own. */
  let lock: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
    proxy = new FaultyProxy({ upstream: readConnectionUrl(database.user.direct).address });
    direct = throughAddress(database.user.direct, await proxy.start());
    lock = new pg.Client({ connectionString: database.ownerUrl });
    await lock.connect();
  });
  afterAll(async () => {
    await lock.end();
    await proxy.stop();
    await database.drop();
  });
  beforeEach(async () => {
    await database.query(`delete from notes; insert into notes values (1, 'old')`);
    // Each has its own: one whose outcome nobody knows would keep the next from anything.
    db = createDatabaseService({ direct, onWarning: () => {} });
    ann = db.as(user({ sub: '00000000-0000-4000-8000-00000000000a' }));
    // The connection and the catalog, so that what strikes meets the write.
    await ann.count('notes');
  });
  afterEach(async () => {
    await lock.query('rollback');
    await db.close();
  });

  const title = async () => (await ann.selectOne('notes', { filters: { id: 1 }, cache: true })).title;
  const write = () => ann.update('notes', { title: 'new' }, { filters: { id: 1 } });
  const hold = () => lock.query('begin; select from notes where id = 1 for update');
  const written = () =>
    vi.waitFor(
      async () => expect(await database.query('select title from notes')).toEqual([{ title: 'new' }]),
      {
        timeout: 20_000,
      },
    );
  const waiting = () =>
    vi.waitFor(
      async () =>
        expect(
          await database.query(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          ),
        ).toHaveLength(1),
      { timeout: 20_000 },
    );

  it('is read anew when the write has been answered', async () => {
    await hold();
    const writing = write();
    await waiting();
    expect([await title(), await title()]).toEqual(['old', 'old']);
    expect(db.cache.stats().hits).toBe(1);
    await lock.query('commit');
    await writing;
    expect(await title()).toBe('new');
  });

  it('is not kept where nobody knows whether the write will be applied', async () => {
    await hold();
    const struck = proxy.once({ at: 'after-sync' });
    const writing = refusalOf(write);
    await struck;
    expect((await writing).outcome).toBe('unknown');
    await waiting();
    expect(await title()).toBe('old');
    await lock.query('commit');
    await written();
    expect(await title()).toBe('new');
  });

  it('is read anew when the transaction has committed that wrote before', async () => {
    await ann.transaction(async (tx) => {
      await tx.update('notes', { title: 'new' }, { filters: { id: 1 } });
      expect([await ann.outside(title), await ann.outside(title)]).toEqual(['old', 'old']);
      expect(db.cache.stats().hits).toBe(1);
    });
    expect(await title()).toBe('new');
  });

  it('is not kept where the answer to COMMIT was lost', async () => {
    const writing = refusalOf(() =>
      ann.transaction(async (tx) => {
        await tx.update('notes', { title: 'new' }, { filters: { id: 1 } });
        void proxy.once({ at: 'after-sync' });
      }),
    );
    expect((await writing).outcome).toBe('unknown');
    await written();
    expect(await title()).toBe('new');
  });
});
