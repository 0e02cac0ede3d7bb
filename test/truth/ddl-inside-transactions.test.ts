import { beforeEach, describe, expect, it } from 'vitest';
import {
  type DatabaseHandle,
  type ModeName,
  SerializationError,
  service,
  type TransactionHandle,
} from '../../src/index.ts';
import { describeEveryMode, PINNED } from './every-mode.ts';

const SCHEMA = 'grant create on schema public to service_role;';
const MADE = `
  drop function if exists told();
  drop table if exists things, others;
  create table things (id int primary key, n int, words text default 'w');
  insert into things values (1, 7, 'seven');
  create table others (id int primary key);
  create function told() returns setof things stable language sql as 'select * from things';
  alter table things owner to service_role; alter table others owner to service_role;
  alter function told() owner to service_role;
`;

type Call = (db: Pick<DatabaseHandle, 'select'> & TransactionHandle) => Promise<unknown>;

/** Each is prepared before the transaction begins, on the only connection. */
const CALLS: Readonly<Record<string, Call>> = {
  // First: behind a cursor the names of its session are discarded.
  stream: async (db) => {
    const rows: unknown[] = [];
    for await (const row of db.stream('things')) rows.push(row);
    return rows;
  },
  select: (db) => db.select('things'),
  'select of columns': (db) => db.select('things', { columns: ['id', 'n'] }),
  update: (db) => db.update('things', { id: 1 }, { filters: { id: 1 } }),
  upsert: (db) => db.upsert('things', { id: 1 }, { update: ['id'] }),
  count: (db) => db.count('things'),
  rpc: (db) => db.rpc('told'),
  batch: (db) => db.batch([db.build.select('things'), db.build.count('things')]),
};

/** What changes the table, and the row that is read then. */
const CHANGES: Readonly<Record<string, readonly [(tx: TransactionHandle) => Promise<unknown>, object]>> = {
  'a type': [(tx) => tx.sql`alter table things alter n type text`, { id: 1, n: '7', words: 'seven' }],
  'a new column': [
    (tx) => tx.sql`alter table things add more int default 5`,
    { id: 1, n: 7, words: 'seven', more: 5 },
  ],
  'no column any more': [(tx) => tx.sql`alter table things drop words`, { id: 1, n: 7 }],
  'a new name': [(tx) => tx.sql`alter table things rename words to texts`, { id: 1, n: 7, texts: 'seven' }],
  'a new table': [
    async (tx) => {
      await tx.sql`drop function told()`;
      await tx.sql`drop table things`;
      await tx.sql`create table things (id bigint primary key, n boolean)`;
      await tx.sql`create function told() returns setof things stable language sql as 'select * from things'`;
      await tx.sql`insert into things values (1, true)`;
    },
    { id: 1, n: true },
  ],
  'a type, changed by DO': [
    (tx) => tx.sql`do $$ begin alter table things alter n type text; end $$`,
    { id: 1, n: '7', words: 'seven' },
  ],
};

const answerOf: Readonly<Record<string, (row: object) => unknown>> = {
  'select of columns': (row) => [{ id: 1, n: (row as { n: unknown }).n }],
  upsert: (row) => row,
  count: () => 1,
  batch: (row) => [[row], 1],
};

describeEveryMode('DDL inside a transaction', SCHEMA, (modes) => {
  async function prepared(mode: ModeName) {
    const handle = modes.service(mode);
    const db = handle.as(service());
    for (const call of Object.values(CALLS)) await call(db as never);
    return { handle, db };
  }

  describe.each(PINNED)('in %s mode', (mode) => {
    beforeEach(() => modes.query(mode, MADE));

    describe.each(Object.entries(CHANGES))('is seen by what follows: %s', (_change, [change, row]) => {
      it.each(Object.entries(CALLS))('%s', async (name, call) => {
        const { handle, db } = await prepared(mode);
        await using _ = handle;
        const inside = db.transaction(async (tx: TransactionHandle) => {
          await change(tx);
          // Twice: parsed anew, and prepared by then.
          await call(tx as never);
          return call(tx as never);
        });
        expect(await inside).toEqual((answerOf[name] ?? ((one: object) => [one]))(row));
      });
    });

    it('is undone for what follows the end of a nested one', async () => {
      const { handle, db } = await prepared(mode);
      await using _ = handle;
      const answers = await db.transaction(async (tx: TransactionHandle) => {
        const seen: unknown[] = [];
        await tx
          .transaction(async (inner) => {
            await inner.sql`alter table things alter n type text`;
            await inner.sql`alter table things drop words`;
            seen.push(await inner.select('things'));
            throw new RangeError('undone');
          })
          .catch(() => undefined);
        seen.push(await tx.select('things'));
        await tx.sql`savepoint mine`;
        await tx.sql`alter table things drop words`;
        seen.push(await tx.select('things'));
        await tx.sql`rollback to savepoint mine`;
        seen.push(await tx.select('things'));
        return seen;
      });
      const before = { id: 1, n: 7, words: 'seven' };
      expect(answers).toEqual([[{ id: 1, n: '7' }], [before], [{ id: 1, n: 7 }], [before]]);
    });

    it.each(['deallocate all', 'discard plans'])('may be followed by anything: %s', async (command) => {
      const { handle, db } = await prepared(mode);
      await using _ = handle;
      await db.transaction(async (tx: TransactionHandle) => {
        await (command === 'deallocate all' ? tx.sql`deallocate all` : tx.sql`discard plans`);
        for (const call of Object.values(CALLS)) await call(tx as never);
      });
      for (const call of Object.values(CALLS)) await call(db as never);
    });
  });

  /** Changes that somebody else makes, on another connection. The embedded database has but one. */
  describe.each(['direct', 'session'] as const)('by somebody else, in %s mode,', (mode) => {
    beforeEach(() => modes.query(mode, MADE));
    const change = () => modes.query(mode, 'alter table things alter n type text');

    it.each(Object.entries(CALLS))('before its first statement is not noticed: %s', async (_name, call) => {
      const { handle, db } = await prepared(mode);
      await using _ = handle;
      await change();
      await db.transaction((tx: TransactionHandle) => call(tx as never));
    });

    it('behind its first statement is told as one to run again, and nothing was applied', async () => {
      const { handle, db } = await prepared(mode);
      await using _ = handle;
      const run = (options = {}) =>
        db.transaction(async (tx: TransactionHandle) => {
          await tx.upsert('others', { id: 1 });
          runs += 1;
          if (runs === 1) await change();
          return tx.select('things');
        }, options);
      let runs = 0;
      const error: unknown = await run().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SerializationError);
      expect(error).toMatchObject({ code: 'STATEMENT_OUTDATED', sqlState: '0A000', outcome: 'not-applied' });
      expect(await modes.query(mode, 'select * from others')).toEqual([]);
      expect(await run()).toEqual([{ id: 1, n: '7', words: 'seven' }]);
    });

    it('is met by retries', async () => {
      const { handle, db } = await prepared(mode);
      await using _ = handle;
      let runs = 0;
      const answer = await db.transaction(
        async (tx: TransactionHandle) => {
          await tx.upsert('others', { id: 1 });
          runs += 1;
          if (runs === 1) await change();
          return tx.select('things');
        },
        { retries: 1 },
      );
      expect([runs, answer]).toEqual([2, [{ id: 1, n: '7', words: 'seven' }]]);
    });
  });
});
