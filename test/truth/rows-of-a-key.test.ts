import { expect, it } from 'vitest';
import { service } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED } from './every-mode.ts';

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
});
