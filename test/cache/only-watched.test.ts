import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  user,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';

const SQL = `${OWN_SCHEMA}
create table watched (id int primary key, title text);
create table unwatched (id int primary key);
create table members (id int primary key);
create table judged (id int primary key);
alter table judged enable row level security;
create policy by_members on judged for select using (exists (select from members m where m.id = judged.id));
create view both_of_them with (security_invoker) as select w.id from watched w join unwatched u using (id);
create table parted (id int) partition by range (id);
create table parted_one partition of parted for values from (0) to (10);
create table half (id int) partition by range (id);
create table half_one partition of half for values from (0) to (10);
create table off (id int);
create materialized view made as select 1 as id;
insert into watched values (1, 'before');
grant select on all tables in schema public to authenticated;
select cdb.watch_table(t::regclass) from unnest('{watched,judged,parted,half,off}'::text[]) t;
drop trigger cdb_tell_change on half_one;
alter table off disable trigger cdb_tell_change;`;

describeFullStack('a cache that keeps only what is watched', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;
  let ana: DatabaseHandle;
  const open = (listen: boolean): ConsolidatedDatabaseService =>
    createDatabaseService({
      ...database.user,
      service: database.service,
      cache: { onlyWatched: true, listen },
      onWarning: () => {},
    });

  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
    db = open(true);
    ana = db.as(user({ sub: 'ana' }));
    await ana.select('watched', { cache: true });
    await vi.waitFor(() => expect(db.cache.stats().listening).toBe(true), { timeout: 30_000 });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it('keeps an answer of a watched table, and drops it when somebody else writes', async () => {
    await ana.select('watched', { cache: true });
    const { hits } = db.cache.stats();
    expect(await ana.select('watched', { cache: true })).toEqual([{ id: 1, title: 'before' }]);
    expect(db.cache.stats().hits).toBe(hits + 1);
    await database.query("update watched set title = 'behind'");
    await expect
      .poll(() => ana.select('watched', { cache: true }), { timeout: 30_000 })
      .toEqual([{ id: 1, title: 'behind' }]);
  });

  it.each([
    ['a table without the trigger', 'unwatched', 'public.unwatched'],
    ['a view of which one table has none', 'both_of_them', 'public.unwatched'],
    ['a table whose policy reads one without', 'judged', 'public.members'],
    ['a table of which a partition has none', 'half', 'public.half'],
    ['a table whose trigger is switched off', 'off', 'public.off'],
    ['a materialized view', 'made', 'public.made'],
  ])('refuses %s', async (_, table, named) => {
    for (let n = 0; n < 2; n++) await ana.select(table, { cache: true });
    const report = await ana.explainCache(ana.build.select(table));
    expect(report).toMatchObject({ cacheable: false, reason: 'unwatched table' });
    expect(report.cacheable || report.what).toContain(named);
  });

  it('refuses also where the call says for how long', async () => {
    const before = db.cache.stats().refused['unwatched table'] ?? 0;
    await ana.select('unwatched', { cache: { ttlMs: 60_000 } });
    expect(db.cache.stats().refused['unwatched table']).toBe(before + 1);
  });

  it('keeps what depends on a watched table with all its partitions', async () => {
    expect(await ana.explainCache(ana.build.select('parted'))).toMatchObject({ cacheable: true });
  });

  it('keeps nothing where it hears of nothing', async () => {
    await using deaf = open(false);
    const ben = deaf.as(user({ sub: 'ben' }));
    for (let n = 0; n < 3; n++) await ben.select('watched', { cache: true });
    expect(deaf.cache.stats()).toMatchObject({ hits: 0, entries: 0, refused: { 'not listening': 3 } });
  });
});
