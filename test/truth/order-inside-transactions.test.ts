import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fragment, type ModeName, service, type TransactionHandle } from '../../src/index.ts';
import { describeEveryMode, PINNED } from './every-mode.ts';

const SQL = 'create table notes (id int primary key); create table others (id int primary key);';
const undone = new RangeError('undone');
const insert = (tx: TransactionHandle, id: number) => tx.insert('notes', { id }, { returning: false });

/** Writes row 1 beside what may be undone. */
const BESIDE: Readonly<Record<string, (tx: TransactionHandle) => Promise<unknown>>> = {
  insert: (tx) => insert(tx, 1),
  'raw SQL': (tx) => tx.sql`insert into notes values (${1})`,
  batch: (tx) => tx.batch([tx.build.insert('notes', { id: 1 })]),
  upsert: (tx) => tx.upsert('notes', { id: 1 }),
};

/** Opens a savepoint and undoes it. */
const UNDOING: Readonly<Record<string, (tx: TransactionHandle) => Promise<unknown>>> = {
  'a nested transaction that throws': (tx) =>
    tx.transaction(async (inner) => {
      await insert(inner, 2);
      throw undone;
    }),
  'a nested transaction that throws at once': (tx) => tx.transaction(() => Promise.reject(undone)),
  'a nested transaction whose statement fails': (tx) =>
    tx.transaction((inner) => inner.sql`select 1 / ${0}::int`),
  'an explain that runs': (tx) => tx.explain(tx.build.insert('notes', { id: 2 }), { analyze: true }),
};

describeEveryMode('statements of one transaction that are not awaited one by one', SQL, (modes) => {
  const ids = async (mode: ModeName) =>
    (await modes.query<{ id: number }>(mode, 'select id from notes order by id')).map(({ id }) => id);

  describe.each(PINNED)('in %s mode', (mode) => {
    let stray: Promise<unknown>[] = [];
    beforeEach(async () => {
      stray = [];
      await modes.query(mode, 'drop table if exists later; truncate notes, others');
    });
    afterEach(() => Promise.allSettled(stray));

    /** Runs `work`, and says which of the writes that it began were told to be done, and which are stored. */
    async function ran(work: (tx: TransactionHandle) => Promise<unknown>) {
      await using db = modes.service(mode);
      const settled = await Promise.allSettled([db.as(service()).transaction(work)]);
      const writes = await Promise.allSettled(stray);
      return { settled: settled[0], writes: writes.map(({ status }) => status), stored: await ids(mode) };
    }

    describe.each(Object.entries(UNDOING))('beside %s', (_name, undo) => {
      describe.each(Object.entries(BESIDE))('keep what they told to be done: %s', (_beside, write) => {
        it('called first', async () => {
          const { settled, writes, stored } = await ran(async (tx) => {
            stray = [write(tx), undo(tx)];
            await Promise.allSettled(stray);
          });
          expect(settled?.status).toBe('fulfilled');
          expect(stored).toEqual(writes[0] === 'fulfilled' ? [1] : []);
        });

        it('called second', async () => {
          const { settled, writes, stored } = await ran(async (tx) => {
            stray = [undo(tx), write(tx)];
            await Promise.allSettled(stray);
          });
          expect(settled?.status).toBe('fulfilled');
          expect(stored).toEqual(writes[1] === 'fulfilled' ? [1] : []);
        });
      });
    });

    it('belong to the nested transaction that they were called in, which throws', async () => {
      const { stored } = await ran(async (tx) => {
        const nested = tx.transaction(async (inner) => {
          stray.push(insert(inner, 1));
          throw undone;
        });
        await expect(nested).rejects.toBe(undone);
      });
      expect(stored).toEqual([]);
    });

    it('belong to the nested transaction that they were called in, which returns', async () => {
      const { writes, stored } = await ran((tx) =>
        tx.transaction(async (inner) => {
          stray.push(insert(inner, 1));
        }),
      );
      expect(stored).toEqual(writes[0] === 'fulfilled' ? [1] : []);
    });

    it('of an inner nested transaction are not done by the outer one', async () => {
      const { stored } = await ran((tx) =>
        tx.transaction(async (inner) => {
          await inner
            .transaction(async (innermost) => {
              stray.push(insert(innermost, 1), innermost.sql`insert into notes values (2)`);
              throw undone;
            })
            .catch(() => undefined);
          await insert(inner, 3);
        }),
      );
      expect(stored).toEqual([3]);
    });

    it('are done or refused at the end of the function, never told wrong', async () => {
      const { settled, writes, stored } = await ran(async (tx) => {
        stray.push(insert(tx, 1), insert(tx, 2));
      });
      const told = [1, 2].filter((_id, i) => writes[i] === 'fulfilled');
      expect(settled?.status === 'fulfilled' ? stored : told).toEqual(
        settled?.status === 'fulfilled' ? told : [],
      );
    });

    it('are undone with a function that throws', async () => {
      const { settled, stored } = await ran(async (tx) => {
        stray.push(insert(tx, 1), tx.sql`insert into notes values (2)`);
        throw undone;
      });
      expect(settled).toEqual({ status: 'rejected', reason: undone });
      expect(stored).toEqual([]);
    });

    it('keep their order though one of them waits for the catalog', async () => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      await mine.select('notes');
      await modes.query(mode, 'create table later (id int primary key)');
      const seen = await mine.transaction((tx) =>
        Promise.all([
          tx.insert('later', { id: 1 }, { returning: false }),
          tx.sql<{ n: number }>`select count(*)::int as n from later`,
          tx.delete('later', { all: true, returning: false }),
          tx.sql<{ n: number }>`select count(*)::int as n from later`,
        ]),
      );
      expect(seen).toEqual([1, [{ n: 1 }], 1, [{ n: 0 }]]);
    });

    it('keep their order across handles of other schemas, batches, streams and explains', async () => {
      await using db = modes.service(mode);
      const seen = await db
        .as(service())
        .transaction((tx) =>
          Promise.all([
            tx.schema('public').insert('notes', { id: 1 }, { returning: false }),
            tx.batch([tx.build.count('notes'), tx.build.delete('notes', { all: true, returning: false })]),
            tx.count('notes'),
            insert(tx, 5),
            tx.stream(fragment`select id from notes`, { batchSize: 1 })[Symbol.asyncIterator]().next(),
          ]),
        );
      expect(seen).toEqual([1, [1, 1], 0, 1, { done: false, value: { id: 5 } }]);
    });

    it('keep what they told to be done beside a nested transaction and a stream', async () => {
      const { settled, writes, stored } = await ran(async (tx) => {
        await insert(tx, 9);
        const rows = tx.stream('notes', { batchSize: 1 })[Symbol.asyncIterator]();
        stray = [rows.next(), UNDOING['a nested transaction that throws']!(tx), insert(tx, 1)];
        await Promise.allSettled(stray);
        await rows.return?.();
      });
      expect(settled?.status).toBe('fulfilled');
      expect(stored).toEqual(writes[2] === 'fulfilled' ? [1, 9] : [9]);
    });

    it('run through the outer handle are refused while a nested transaction is open', async () => {
      const { stored } = await ran(async (tx) => {
        const nested = tx.transaction(async (inner) => {
          await expect(insert(tx, 1)).rejects.toMatchObject({ code: 'NESTED_TRANSACTION_OPEN' });
          await insert(inner, 2);
        });
        await nested;
      });
      expect(stored).toEqual([2]);
    });
  });
});
