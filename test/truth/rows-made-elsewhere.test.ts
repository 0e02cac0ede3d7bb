import { describe, expect, it } from 'vitest';
import { type Querying, service } from '../../src/index.ts';
import { describeEveryMode, PINNED, refusalOf } from './every-mode.ts';

const SQL = `
  create table notes (id int primary key);
  create schema made;
  grant all on schema made to service_role;
`;

type Sql = Pick<Querying<never>, 'sql'>;

/** Statements that answer SELECT and a number without a row, and how many rows they made. */
const MAKING: Readonly<Record<string, readonly [(db: Sql) => Promise<unknown>, number]>> = {
  'create table as': [(db) => db.sql`create table made.rows as select generate_series(1, ${3}::int) as n`, 3],
  'create table as with columns': [(db) => db.sql`create table made.rows (n) as values (1), (2)`, 2],
  'create unlogged table as': [(db) => db.sql`create unlogged table made.rows as select 1 as n`, 1],
  'create table if not exists as': [(db) => db.sql`create table if not exists made.rows as select 1 as n`, 1],
  'create materialized view': [(db) => db.sql`create materialized view made.rows as select 1 as n`, 1],
  'select into': [(db) => db.sql`select n into made.rows from generate_series(1, 3) as n`, 3],
  'with and select into': [(db) => db.sql`with a as (select 1 as n) select n into made.rows from a`, 1],
};

/** The same without a row. */
const MAKING_NONE: typeof MAKING = {
  'create table as': [(db) => db.sql`create table made.rows as select 1 as n where false`, 0],
  'create table as with no data': [(db) => db.sql`create table made.rows as select 1 as n with no data`, 0],
  'select into': [(db) => db.sql`select 1 as n into made.rows where false`, 0],
};

describeEveryMode('rows that raw SQL makes elsewhere', SQL, (modes) => {
  const empty = (mode: (typeof PINNED)[number]) =>
    modes.query(
      mode,
      'drop schema made cascade; create schema made; grant all on schema made to service_role; truncate notes',
    );
  const made = async (mode: (typeof PINNED)[number]) =>
    (
      await modes.query(
        mode,
        "select 1 from pg_class where relnamespace = 'made'::regnamespace and relkind in ('r', 'm')",
      )
    ).length;

  describe.each(PINNED)('in %s mode', (mode) => {
    it.each(Object.entries(MAKING))('are made, and the answer is empty: %s', async (_name, [make, rows]) => {
      await empty(mode);
      await using db = modes.service(mode);
      const mine = db.as(service());
      expect(await make(mine)).toEqual([]);
      expect(await made(mode)).toBe(1);
      expect(await mine.sql`select 1 as one from made.rows`).toHaveLength(rows);
    });

    it.each(Object.entries(MAKING))(
      'are made inside a transaction, which goes on: %s',
      async (_name, [make]) => {
        await empty(mode);
        await using db = modes.service(mode);
        await db.as(service()).transaction(async (tx) => {
          await tx.insert('notes', { id: 1 });
          expect(await make(tx)).toEqual([]);
          await tx.insert('notes', { id: 2 });
        });
        expect(await made(mode)).toBe(1);
        expect(await modes.query(mode, 'select id from notes order by id')).toEqual([{ id: 1 }, { id: 2 }]);
      },
    );

    it.each(Object.entries(MAKING_NONE))(
      'are made though there are none: %s',
      async (_name, [make, rows]) => {
        await empty(mode);
        await using db = modes.service(mode);
        const mine = db.as(service());
        expect(await make(mine)).toEqual([]);
        expect(await made(mode)).toBe(1);
        expect(await mine.sql`select 1 as one from made.rows`).toHaveLength(rows);
      },
    );

    it('are not made when the table is there already', async () => {
      await empty(mode);
      await using db = modes.service(mode);
      const mine = db.as(service());
      await mine.sql`create table made.rows (n int)`;
      expect(await refusalOf(() => MAKING['create table as']![0](mine))).toMatchObject({
        sqlState: '42P07',
        outcome: 'not-applied',
      });
      expect(await mine.sql`create table if not exists made.rows as select 1 as n`).toEqual([]);
      expect(await mine.sql`select n from made.rows`).toEqual([]);
    });
  });

  it.each(Object.entries(MAKING))(
    'are refused in transaction mode, and not made: %s',
    async (_name, [make]) => {
      await empty('direct');
      await using db = modes.service('transaction');
      expect((await refusalOf(() => make(db.as(service())))).outcome).toBe('not-applied');
      expect(await made('direct')).toBe(0);
    },
  );
});
