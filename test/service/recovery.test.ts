import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  service,
} from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const MODES = ['direct', 'session', 'transaction'] as const;
const NAMED = ['direct', 'session'] as const;

describeFullStack('recovery', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.query(
      'drop table if exists notes; create table notes (id int primary key, n int, name text); insert into notes values (1, 7, $$x$$)',
    );
    // A service for each test: a missing name makes the catalog be read again once a second at most.
    db = createDatabaseService({
      ...database.user,
      service: database.service,
      pools: { direct: { max: 1 }, session: { max: 1 }, transaction: { max: 1 } },
    });
    mine = db.as(service());
  });
  afterEach(() => db.close({ drainMs: 0 }));

  it.each(MODES)(
    'a column that was added does not disturb statements that are prepared, in %s mode',
    async (mode) => {
      const select = () => mine.select('notes', { mode });
      expect(await select()).toEqual([{ id: 1, n: 7, name: 'x' }]);
      await database.query("alter table notes add column later text default 'y'");
      expect(await select()).toEqual([{ id: 1, n: 7, name: 'x' }]);
      expect(await mine.select('notes', { columns: ['later'], mode })).toEqual([{ later: 'y' }]);
      expect(await select()).toEqual([{ id: 1, n: 7, name: 'x', later: 'y' }]);
    },
  );

  it.each(MODES)('a column that changed its type does not, in %s mode', async (mode) => {
    const select = () => mine.select('notes', { mode });
    await select();
    await database.query('alter table notes alter column n type bigint');
    expect(await select()).toEqual([{ id: 1, n: 7, name: 'x' }]);
    expect(await mine.update('notes', { n: 8 }, { filters: { id: 1 }, mode, returning: ['n'] })).toEqual([
      { n: 8 },
    ]);
  });

  it.each(MODES)('a column that was dropped is left out of all columns, in %s mode', async (mode) => {
    const select = () => mine.select('notes', { mode });
    await select();
    await database.query('alter table notes drop column n');
    expect(await select()).toEqual([{ id: 1, name: 'x' }]);
  });

  it.each(MODES)('a table that was made anew is found, in %s mode', async (mode) => {
    expect(await mine.count('notes', { mode })).toBe(1);
    await database.query('drop table notes; create table notes (id int primary key, n int, name text)');
    expect(await mine.count('notes', { mode })).toBe(0);
    expect(await mine.insert('notes', { id: 5 }, { mode })).toEqual({ id: 5, n: null, name: null });
  });

  it.each(MODES)('SQL of the application with a star gets the new columns, in %s mode', async (mode) => {
    const select = () => mine.sql({ mode })`select * from notes`;
    expect(await select()).toEqual([{ id: 1, n: 7, name: 'x' }]);
    await database.query('alter table notes add column later int default 9');
    expect(await select()).toEqual([{ id: 1, n: 7, name: 'x', later: 9 }]);
    await database.query('alter table notes drop column n');
    expect(await select()).toEqual([{ id: 1, name: 'x', later: 9 }]);
  });

  it.each(NAMED)(
    'statements that SQL of the application has deallocated are prepared again, in %s mode',
    async (mode) => {
      const select = () => mine.select('notes', { mode });
      await select();
      for (let n = 0; n < 3; n++) {
        await mine.sql({ mode })`deallocate all`;
        expect(await select()).toEqual([{ id: 1, n: 7, name: 'x' }]);
        await mine.sql({ mode })`discard all`.catch((error: unknown) =>
          expect(error).toMatchObject({ sqlState: '25001' }),
        );
        expect(await select()).toEqual([{ id: 1, n: 7, name: 'x' }]);
      }
    },
  );

  it.each(NAMED)(
    'deallocated within a transaction they fail it, and the next one works, in %s mode',
    async (mode) => {
      const read = (deallocate: boolean) =>
        mine.transaction(
          async (tx) => {
            const before = await tx.count('notes');
            if (deallocate) await tx.sql`deallocate all`;
            return [before, await tx.count('notes')];
          },
          { mode },
        );
      expect(await read(false)).toEqual([1, 1]);
      const answer = await read(true).catch((error: unknown) => error);
      if (!Array.isArray(answer)) expect(answer).toMatchObject({ sqlState: '26000', outcome: 'not-applied' });
      expect(await read(false)).toEqual([1, 1]);
    },
  );

  it.each(MODES)(
    'backends that were ended while idle are replaced without a caller noticing, in %s mode',
    async (mode) => {
      expect(await mine.count('notes', { mode })).toBe(1);
      for (let n = 0; n < 3; n++) {
        const { user } = await serverLogin(mode);
        await withSession(database.adminUrl, ({ query }) =>
          query(
            `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database.name}' and usename = '${user}'`,
          ),
        );
        await expect.poll(() => mine.count('notes', { mode }).catch(() => undefined)).toBe(1);
      }
    },
  );

  const serverLogin = async (mode: (typeof MODES)[number]) => ({
    user: decodeURIComponent(new URL(database.service[mode]).username),
  });

  it('a write gets through on a pooled server connection that another client made read-only', async () => {
    const neighbour = new pg.Client({ connectionString: database.service.transaction });
    await neighbour.connect();
    try {
      for (let id = 10; id < 20; id++) {
        await neighbour.query('set default_transaction_read_only = on');
        const { rows } = await neighbour.query<{ default_transaction_read_only: string }>(
          'show default_transaction_read_only',
        );
        expect(rows[0]?.default_transaction_read_only).toBe('on');
        expect(await mine.insert('notes', { id }, { mode: 'transaction', returning: ['id'] })).toEqual({
          id,
        });
        expect(
          await mine.batch(
            [mine.build.update('notes', { n: id }, { filters: { id }, expect: 1, returning: false })],
            { mode: 'transaction' },
          ),
        ).toEqual([1]);
        expect(
          await mine.sql({ mode: 'transaction' })`delete from notes where id = ${id} returning id`,
        ).toEqual([{ id }]);
        expect(await mine.count('notes', { mode: 'transaction' })).toBe(1);
      }
    } finally {
      await neighbour.query('reset all');
      await neighbour.end();
    }
  });

  it('a session or direct connection that SQL of the application made read-only is as good as new', async () => {
    for (const [index, mode] of NAMED.entries()) {
      await mine.sql({
        mode,
      })`select set_config('default_transaction_read_only', 'on', false), set_config('statement_timeout', '1', false)`;
      expect(await mine.insert('notes', { id: 30 + index }, { mode, returning: ['id'] })).toEqual({
        id: 30 + index,
      });
    }
  });
});
