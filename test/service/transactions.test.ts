import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  SerializationError,
  service,
  type TransactionHandle,
} from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const PINNED = ['direct', 'session'] as const;

describeFullStack('transactions', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;

  beforeAll(async () => {
    database = await createTestDatabase({
      sql: 'create table notes (id int primary key, n int not null default 0)',
    });
    db = createDatabaseService({
      ...database.user,
      service: database.service,
      pools: { session: { max: 4 } },
    });
    mine = db.as(service());
  });
  afterAll(async () => {
    await db.close({ drainMs: 0 });
    await database.drop();
  });
  beforeEach(() => database.query('truncate notes'));

  const ids = async () =>
    (await mine.select('notes', { columns: ['id'], orderBy: 'id' })).map(({ id }) => id);

  describe.each(PINNED)('in %s mode', (mode) => {
    it('commit what they did when the function returns, and answer with what it returns', async () => {
      const result = await mine.transaction(
        async (tx) => {
          await tx.insert('notes', [{ id: 1 }, { id: 2 }]);
          await tx.update('notes', { n: 1 }, { filters: { id: 1 }, expect: 1 });
          await tx.sql`delete from notes where id = ${2}`;
          expect(await db.outside(() => mine.count('notes'))).toBe(0);
          return tx.batch([
            tx.build.count('notes'),
            tx.build.insert('notes', { id: 3 }, { returning: ['id'] }),
          ]);
        },
        { mode },
      );
      expect(result).toEqual([1, { id: 3 }]);
      expect(await ids()).toEqual([1, 3]);
    });

    it('undo all of it when the function throws, and hand on its error', async () => {
      const error = new RangeError('no');
      await expect(mine.transaction(async (tx) => { await tx.insert('notes', { id: 1 }); throw error; }, { mode })).rejects.toBe(error); // biome-ignore format: one call
      expect(await ids()).toEqual([]);
    });

    it('undo all of it when a statement failed, even if its error was caught', async () => {
      const caught = mine.transaction(
        async (tx) => {
          await tx.insert('notes', { id: 1 });
          await tx.insert('notes', { id: 1 }).catch(() => {});
        },
        { mode },
      );
      await expect(caught).rejects.toMatchObject({ code: 'ROLLED_BACK', outcome: 'not-applied' });
      expect(await ids()).toEqual([]);
    });

    it('nest by savepoints, of which each is undone alone', async () => {
      await mine.transaction(
        async (tx) => {
          await tx.insert('notes', { id: 1 });
          await tx.transaction(async (inner) => {
            await inner.insert('notes', { id: 2 });
            const lost = inner.transaction(async (innermost) => {
              await innermost.insert('notes', { id: 3 });
              await innermost.insert('notes', { id: 1 });
            });
            await expect(lost).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
            await inner.insert('notes', { id: 4 });
          });
          await expect(tx.transaction(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
        },
        { mode },
      );
      expect(await ids()).toEqual([1, 2, 4]);
    });

    it('are read-only when asked to be', async () => {
      const refused = {
        ...{ name: 'UsageError', code: 'READ_ONLY', sqlState: '25006', outcome: 'not-applied' },
        hint: expect.stringMatching(/^The transaction has the option 'readOnly: true'/),
      };
      const writes: readonly ((tx: TransactionHandle) => Promise<unknown>)[] = [
        (tx) => tx.insert('notes', { id: 1 }),
        (tx) => tx.sql`delete from notes`,
        (tx) => tx.batch([tx.build.insert('notes', { id: 1 })]),
        (tx) => tx.transaction((inner) => inner.insert('notes', { id: 1 })),
      ];
      for (const write of writes) {
        await expect(mine.transaction(write, { mode, readOnly: true })).rejects.toMatchObject(refused);
      }
      expect(await mine.transaction((tx) => tx.count('notes'), { mode, readOnly: true })).toBe(0);
    });

    it('see what their isolation lets them see', async () => {
      const seen = async (isolation: 'read committed' | 'repeatable read') =>
        mine.transaction(
          async (tx) => {
            const before = await tx.count('notes');
            await database.query('insert into notes (id) select coalesce(max(id), 0) + 1 from notes');
            return [(await tx.count('notes')) - before, await tx.sql`show transaction_isolation`];
          },
          { mode, isolation },
        );
      expect(await seen('read committed')).toEqual([1, [{ transaction_isolation: 'read committed' }]]);
      expect(await seen('repeatable read')).toEqual([0, [{ transaction_isolation: 'repeatable read' }]]);
    });

    /** Both read what the other is about to write. */
    async function collide(retries: number) {
      const bothHaveRead = Promise.withResolvers<void>();
      let readers = 0;
      let runs = 0;
      const one = (id: number) =>
        mine.transaction(
          async (tx) => {
            runs += 1;
            const n = await tx.count('notes');
            readers += 1;
            if (readers === 2) bothHaveRead.resolve();
            await bothHaveRead.promise;
            await tx.insert('notes', { id, n });
          },
          { mode, isolation: 'serializable', retries },
        );
      const settled = await Promise.allSettled([one(1), one(2)]);
      return { settled, runs };
    }

    it('that met another one are run again, as often as asked', async () => {
      const { settled, runs } = await collide(5);
      expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
      expect(runs).toBeGreaterThan(2);
      const rows = await mine.select('notes', { orderBy: 'n', columns: ['n'] });
      expect(rows).toEqual([{ n: 0 }, { n: 1 }]);
    });

    it('that met another one fail without retries', async () => {
      const { settled } = await collide(0);
      const failed = settled.filter((one) => one.status === 'rejected');
      expect(failed).toHaveLength(1);
      expect(failed[0]?.reason).toBeInstanceOf(SerializationError);
      expect(failed[0]?.reason).toMatchObject({ sqlState: '40001', outcome: 'not-applied' });
      expect(await mine.count('notes')).toBe(1);
    });

    it('are refused after their end, and nothing runs outside', async () => {
      let kept: TransactionHandle | undefined;
      await mine.transaction(async (tx) => { kept = tx; await tx.insert('notes', { id: 1 }); }, { mode }); // biome-ignore format: one call
      const calls: ((tx: TransactionHandle) => Promise<unknown>)[] = [
        (tx) => tx.insert('notes', { id: 2 }),
        (tx) => tx.sql`insert into notes (id) values (3)`,
        (tx) => tx.batch([tx.build.insert('notes', { id: 4 })]),
        (tx) => tx.transaction((inner) => inner.insert('notes', { id: 5 })),
        (tx) => tx.stream('notes')[Symbol.asyncIterator]().next(),
      ];
      for (const call of calls)
        await expect(call(kept!)).rejects.toMatchObject({ code: 'TRANSACTION_ENDED' });
      expect(await ids()).toEqual([1]);
    });

    it('die with their backend: a clear error, and nothing runs outside', async () => {
      const after: unknown[] = [];
      const killed = mine.transaction(
        async (tx) => {
          await tx.insert('notes', { id: 1 });
          const [row] = await tx.sql<{ pid: number }>`select pg_backend_pid() as pid`;
          await withSession(database.adminUrl, ({ query }) =>
            query(`select pg_terminate_backend(${row?.pid})`),
          );
          for (const id of [2, 3])
            after.push(await tx.insert('notes', { id }).catch((error: unknown) => error));
          after.push(await tx.sql`insert into notes (id) values (4)`.catch((error: unknown) => error));
        },
        { mode },
      );
      await expect(killed).rejects.toMatchObject({ statusCode: expect.toBeOneOf([500, 503]) });
      expect(after).toHaveLength(3);
      for (const error of after)
        expect(error).toMatchObject({ code: expect.any(String), statusCode: expect.any(Number) });
      expect(await ids()).toEqual([]);
      expect(
        await mine.transaction((tx) => tx.insert('notes', { id: 9 }, { returning: ['id'] }), { mode }),
      ).toEqual({ id: 9 });
    });

    it('are not ended by SQL of the application, which is refused', async () => {
      const ended = mine.transaction(
        async (tx) => {
          await tx.insert('notes', { id: 1 });
          await tx.sql`commit`;
          await tx.insert('notes', { id: 2 });
        },
        { mode },
      );
      await expect(ended).rejects.toMatchObject({ code: 'TRANSACTION_CONTROL', outcome: 'not-applied' });
      expect(await ids()).toEqual([]);
    });

    it('end with their deadline or signal, and roll back', async () => {
      const controller = new AbortController();
      const aborted = mine.transaction(
        async (tx) => {
          await tx.insert('notes', { id: 1 });
          controller.abort();
          await tx.insert('notes', { id: 2 });
        },
        { mode, signal: controller.signal },
      );
      await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
      const late = mine.transaction(async (tx) => { await tx.insert('notes', { id: 3 }); await tx.sql`select pg_sleep(10)`; }, { mode, timeoutMs: 300 }); // biome-ignore format: one call
      await expect(late).rejects.toMatchObject({ name: 'TimeoutError', code: 'TIMEOUT' });
      expect(await ids()).toEqual([]);
    });
  });

  it('run their statements in the order of the calls, though nobody awaits in between', async () => {
    const results = await mine.transaction((tx) =>
      Promise.all([
        tx.insert('notes', { id: 1 }),
        tx.count('notes'),
        tx.delete('notes', { filters: { id: 1 }, returning: false }),
        tx.count('notes'),
      ]),
    );
    expect(results).toEqual([{ id: 1, n: 0 }, 1, 1, 0]);
  });

  it('keep their identity and their mode', async () => {
    await mine.transaction(async (tx) => {
      const handle = tx as unknown as DatabaseHandle;
      expect(() => handle.as(service())).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
      expect(() => handle.runAs(service(), () => {})).toThrow(
        expect.objectContaining({ code: 'UNSUPPORTED' }),
      );
      expect(() => handle.withToken('x')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
      await expect(tx.count('notes', { mode: 'transaction' })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      });
    });
  });
});
