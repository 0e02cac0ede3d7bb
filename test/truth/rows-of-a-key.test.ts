import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, type ModeName, service } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED } from './every-mode.ts';

const BY_KEY = { filters: { id: 1 }, orderBy: { column: 'name', direction: 'desc' }, limit: 1 } as const;

const SQL = `
  create table cities (id int primary key, name text not null);
  create table capitals () inherits (cities);
  insert into cities values (1, 'b');
  insert into capitals values (1, 'c'), (1, 'a');
  create table seats (id int primary key, place int, unique (place) deferrable initially deferred);
  insert into seats values (1, 1), (2, 2);
  create function make_rows(k int) returns setof int language plpgsql volatile as
    $$ begin for i in 1..k loop return next i; end loop; end $$;
  create table kept (id int primary key, n int);
  insert into kept values (1, 7);
  grant all on all tables in schema public to authenticated, anon, service_role;
  grant create on schema public to service_role;
  alter table kept owner to service_role;
`;

/** Of two rows with one key, those that a call asks for. */
const READS: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
  select: (db) => db.select('doubles', BY_KEY),
  batch: async (db) => (await db.batch([db.build.count('doubles'), db.build.select('doubles', BY_KEY)]))[1],
};
const HELD: typeof READS = {
  stream: (db) => all(db.stream('doubles', { ...BY_KEY, batchSize: 1 })),
  'select inside a transaction': (db) => db.transaction((tx) => tx.select('doubles', BY_KEY)),
  'batch inside a transaction': (db) =>
    db.transaction(async (tx) => (await tx.batch([tx.build.select('doubles', BY_KEY)]))[0]),
  'stream inside a transaction': (db) => db.transaction((tx) => all(tx.stream('doubles', BY_KEY))),
};

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

describeEveryMode('the rows of a key', SQL, (modes) => {
  it.each(MODES)('keep limit and order where others inherit from the table, in %s mode', async (mode) => {
    await using db = modes.service(mode);
    const rows = await db.as(service()).select('cities', { filters: { id: 1 }, orderBy: 'name', limit: 2 });
    expect(rows.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it.each(PINNED)('keep limit and order while a constraint is deferred, in %s mode', async (mode) => {
    await using db = modes.service(mode);
    await db.as(service()).transaction(async (tx) => {
      await tx.update('seats', { place: 1 }, { filters: { id: 2 } });
      const rows = await tx.select('seats', { filters: { place: 1 }, orderBy: 'id', limit: 1 });
      expect(rows).toEqual([{ id: 1, place: 1 }]);
      await tx.update('seats', { place: 2 }, { filters: { id: 2 } });
    });
  });

  it.each(MODES)('of a volatile function are all told, in %s mode', async (mode) => {
    await using db = modes.service(mode, { maxRows: 5 });
    expect(await db.as(service()).rpc('make_rows', { k: 10 })).toHaveLength(10);
  });

  it.each(PINNED)('are not decoded as a transaction beside them sees the table, in %s mode', async (mode) => {
    await using db = modes.service(mode);
    const undone = db.as(service()).transaction(async (tx) => {
      await tx.sql`alter table kept alter column n type text using '007'`;
      await tx.sql`create table brand_new (id int)`;
      await tx.select('brand_new');
      await tx.sql`select k as r from kept k`;
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await db.as(service()).sql`select k as r from kept k`).toEqual([{ r: { id: 1, n: 7 } }]);
  });

  describe.each(MODES)('of which there are several since the catalog was read, in %s mode', (mode) => {
    async function unkeyed(of: ModeName, rows: string, read: (db: DatabaseHandle) => Promise<unknown>) {
      await modes.query(
        of,
        `drop table if exists doubles; create table doubles (id int, name text, constraint doubles_key unique (id));
         insert into doubles values (1, 'a')`,
      );
      await using db = modes.service(of, { maxRows: 5 });
      const mine = db.as(service());
      expect(await mine.select('doubles', BY_KEY)).toEqual([{ id: 1, name: 'a' }]);
      await modes.query(of, `alter table doubles drop constraint doubles_key; insert into doubles ${rows}`);
      return await read(mine);
    }
    const TWO = `values (1, 'b')`;

    it.each(Object.entries(mode === 'transaction' ? READS : { ...READS, ...HELD }))(
      'are limited and ordered: %s',
      async (_name, read) => {
        expect(await unkeyed(mode, TWO, read)).toEqual([{ id: 1, name: 'b' }]);
      },
    );

    it('are limited and ordered where they are more than a read may return', async () => {
      const many = 'select 1, chr(n) from generate_series(98, 110) n';
      expect(await unkeyed(mode, many, READS.select!)).toEqual([{ id: 1, name: 'n' }]);
    });

    it('are too many for one', async () => {
      const one = (db: DatabaseHandle) => db.selectOne('doubles', { filters: { id: 1 } });
      await expect(unkeyed(mode, TWO, one)).rejects.toMatchObject({ code: 'NOT_UNIQUE' });
    });

    it('are never told beside a write that they came with', async () => {
      const both = (db: DatabaseHandle) =>
        db.batch([db.build.select('doubles', BY_KEY), db.build.insert('kept', { id: 2 })]);
      await modes.query(mode, 'delete from kept where id = 2');
      await expect(unkeyed(mode, TWO, both)).rejects.toMatchObject({
        code: 'KEY_CHANGED',
        outcome: 'applied',
      });
      expect(await modes.query(mode, 'select id from kept where id = 2')).toHaveLength(1);
    });
  });
});
