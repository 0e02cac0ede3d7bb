import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { type HeardChanges, hearChanges } from './hear-changes.ts';

const LONG = 'ä'.repeat(31);
const ODD = `Odd "name", it's .*`;

const SQL = `${OWN_SCHEMA}
create table notes (id int primary key, body text);
create table owners (id int primary key);
create table pets (id int primary key, owner int references owners on delete cascade on update cascade);
create table toys (id int primary key, pet int references pets on delete set null);
create table silent (id int);
create table events (id int, day int) partition by range (day);
create table events_1 partition of events for values from (0) to (10);
create table events_2 partition of events for values from (10) to (20) partition by range (day);
create table events_2a partition of events_2 for values from (10) to (20);
create table left_parent (id int);
create table right_parent (id int);
create table child () inherits (left_parent, right_parent);
create schema "${LONG}";
create table "${LONG}"."${LONG}" (id int);
create schema "${ODD.replaceAll('"', '""')}";
create table "${ODD.replaceAll('"', '""')}"."${ODD.replaceAll('"', '""')}" (id int);
create view notes_view as select * from notes;
grant all on notes, notes_view to authenticated;
alter table notes enable row level security;
create policy "all of them" on notes to authenticated using (body is distinct from 'secret');
do $$ declare t regclass; begin
  for t in select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and c.relname not in ('silent', 'child')
      and n.nspname not in ('pg_catalog', 'information_schema', 'cdb', 'auth', 'storage', 'extensions')
  loop perform cdb.watch_table(t); end loop;
end $$;`;

describeFullStack('a watched table', () => {
  let database: TestDatabase;
  let heard: HeardChanges;
  let marks = 0;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
    heard = await hearChanges({ ...database.user, service: database.service });
  });
  afterAll(async () => {
    await heard[Symbol.asyncDispose]();
    await database.drop();
  });
  beforeEach(() => void heard.touched.splice(0));

  /** What was told up to now: what was committed before a mark is heard before it. */
  async function told(): Promise<readonly string[]> {
    marks += 1;
    const mark = `mark ${marks}`;
    await database.query('select pg_notify($1, $2)', ['cdb_changes', mark]);
    await heard.untilTouched(mark);
    return heard.touched.splice(0).slice(0, -1);
  }

  it.each([
    ['insert', `insert into notes values (1, 'a')`],
    ['update', `update notes set body = 'b'`],
    ['upsert', `insert into notes values (1, 'a') on conflict (id) do update set body = excluded.body`],
    [
      'merge',
      `merge into notes using (values (1)) v (id) on notes.id = v.id when matched then update set body = 'm'`,
    ],
    ['write through a view', `update notes_view set body = 'v'`],
    ['write in a with clause', `with w as (update notes set body = 'w' returning id) select * from w`],
    ['delete', 'delete from notes'],
    ['truncate', 'truncate notes'],
    [
      'raw script of many statements',
      `insert into notes values (7); update notes set body = 'x'; delete from notes`,
    ],
  ])('tells of an %s, once and by its name alone', async (_what, sql) => {
    await database.query(sql);
    expect(await told()).toEqual(['public.notes']);
  });

  it('tells once in a transaction of many writes, when it commits', async () => {
    await withSession(database.ownerUrl, async ({ query }) => {
      await query('begin');
      for (const id of [1, 2, 3]) await query('insert into notes values ($1)', [id]);
      await query('savepoint s');
      await query('delete from notes');
      expect(await told()).toEqual([]);
      await query('commit');
    });
    expect(await told()).toEqual(['public.notes']);
  });

  it('tells nothing of what is rolled back', async () => {
    await withSession(database.ownerUrl, async ({ query }) => {
      await query('begin');
      await query('insert into notes values (50)');
      await query('rollback');
      await query('begin');
      await query('savepoint s');
      await query('insert into notes values (51)');
      await query('rollback to s');
      await query('insert into owners values (51)');
      await query('commit');
    });
    expect(await told()).toEqual(['public.owners']);
  });

  it('tells nothing of reads, and of tables that are not watched', async () => {
    await database.query('select * from notes; insert into silent values (1); truncate silent');
    expect(await told()).toEqual([]);
  });

  it('tells of what foreign keys change', async () => {
    await database.query(
      'insert into owners values (1); insert into pets values (1, 1); insert into toys values (1, 1)',
    );
    await told();
    await database.query('delete from owners where id = 1');
    expect((await told()).toSorted()).toEqual(['public.owners', 'public.pets', 'public.toys']);
    await database.query('truncate owners cascade');
    expect((await told()).toSorted()).toEqual(['public.owners', 'public.pets', 'public.toys']);
  });

  it.each([
    ['the whole', 'insert into events values (1, 1)'],
    ['a partition', 'insert into events_1 values (1, 1)'],
    ['a partition of a partition', 'insert into events_2a values (1, 11)'],
    ['a partition that is one itself', 'update events_2 set id = 3'],
    ['a partition, emptied', 'truncate events_2a'],
    ['the whole, emptied', 'truncate events'],
    ['a row that changes its partition', 'insert into events values (1, 1); update events set day = 11'],
  ])('tells of its root: %s', async (_what, sql) => {
    await database.query(sql);
    expect(await told()).toEqual(['public.events']);
  });

  it('tells of a partition that came later through the whole, and by itself once it is watched', async () => {
    await database.query('create table events_3 partition of events for values from (20) to (30)');
    await database.query('insert into events values (1, 21)');
    expect(await told()).toEqual(['public.events']);
    await database.query('insert into events_3 values (1, 22)');
    expect(await told()).toEqual([]);
    await database.query(`select cdb.watch_table('events')`);
    await database.query('insert into events_3 values (1, 23)');
    expect(await told()).toEqual(['public.events']);
  });

  it('knows a partition that was attached after the snapshot of its transaction', async () => {
    await database.query(`create table events_4 (id int, day int); select cdb.watch_table('events_4')`);
    await withSession(database.ownerUrl, async ({ query }) => {
      await query('begin isolation level repeatable read');
      await query('select 1 from notes');
      await database.query('alter table events attach partition events_4 for values from (30) to (40)');
      await query('insert into events_4 values (1, 31)');
      await query('commit');
    });
    expect(await told()).toEqual(['public.events']);
  });

  it('tells of every table that reads an inheriting one', async () => {
    await database.query('insert into child values (1)');
    expect((await told()).toSorted()).toEqual(['public.left_parent', 'public.right_parent']);
  });

  it.each([LONG, ODD])('tells of names like %s as they are', async (name) => {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    await database.query(`insert into ${quoted}.${quoted} values (1)`);
    expect(await told()).toEqual([`${name}.${name}`]);
  });

  it.each([
    ['is restored as a replica', 'set session_replication_role = replica; insert into notes values (90)'],
    ['is copied', `copy notes (id) from program 'echo 91'`],
  ])('tells of what %s', async (_what, sql) => {
    await withSession(database.adminUrl, ({ query }) => query(sql));
    expect(await told()).toEqual(['public.notes']);
  });

  describe('and a caller', () => {
    const asUser = (sql: string) =>
      withSession(database.user.direct, async ({ query }) => {
        await query('set role authenticated');
        return query(sql);
      });

    it('writes as before, also where callers may not notify', async () => {
      await database.query(`delete from notes; insert into notes values (1, 'open'), (2, 'secret')`);
      await withSession(database.adminUrl, ({ query }) =>
        query('revoke execute on function pg_catalog.pg_notify(text, text) from public'),
      );
      await withSession(database.adminUrl, ({ query }) =>
        query(
          `grant execute on function pg_catalog.pg_notify(text, text) to ${new URL(database.ownerUrl).username}`,
        ),
      );
      await told();
      expect(await asUser('update notes set id = id + 10 returning id')).toEqual([{ id: 11 }]);
      expect(await told()).toEqual(['public.notes']);
      await expect(asUser(`insert into notes values (3, 'secret')`)).rejects.toMatchObject({ code: '42501' });
      await expect(asUser("select pg_notify('cdb_changes', '*')")).rejects.toMatchObject({ code: '42501' });
      expect(await told()).toEqual([]);
      expect(await database.query('select id from notes order by id')).toEqual([{ id: 2 }, { id: 11 }]);
    });

    it.each([
      ['tell', 'select cdb.tell_change()'],
      ['watch a table', `select cdb.watch_table('notes')`],
      ['unwatch a table', `select cdb.unwatch_table('notes')`],
      ['see its parts', `select cdb.with_parts('notes')`],
    ])('may not %s', async (_what, sql) => {
      for (const role of ['anon', 'authenticated', 'service_role']) {
        const attempt = withSession(database.ownerUrl, async ({ query }) => {
          await query(`set role ${role}`);
          await query(sql);
        });
        await expect(attempt).rejects.toMatchObject({ code: '42501' });
      }
    });

    it('cannot be told by a table of its own', async () => {
      const attempt = asUser(
        `create temp table mine (id int);
         create trigger t after insert on mine for each statement execute function cdb.tell_change()`,
      );
      await expect(attempt).rejects.toMatchObject({ code: '42501' });
    });

    it('cannot run the trigger as a function, nor can its owner', async () => {
      await expect(database.query('select cdb.tell_change()')).rejects.toMatchObject({ code: '0A000' });
    });
  });

  it('has the rights and policies that it had', async () => {
    const state = () =>
      database.query(
        `select c.relacl::text, c.relrowsecurity, c.relforcerowsecurity, c.relowner,
           (select array_agg(p.polname || pg_get_expr(p.polqual, p.polrelid)) from pg_policy p where p.polrelid = c.oid)
         from pg_class c where c.oid = 'notes'::regclass`,
      );
    const before = await state();
    await database.query(`select cdb.unwatch_table('notes')`);
    expect(await state()).toEqual(before);
    await database.query(`select cdb.watch_table('notes'), cdb.watch_table('notes')`);
    expect(await state()).toEqual(before);
  });

  it('tells nothing once it is no longer watched, nor do its partitions', async () => {
    await database.query(
      `select cdb.unwatch_table('events'), cdb.unwatch_table('events'), cdb.unwatch_table('silent')`,
    );
    await database.query('insert into events values (1, 1); insert into events_2a values (1, 11)');
    expect(await told()).toEqual([]);
  });

  it('is a table', async () => {
    await expect(database.query(`select cdb.watch_table('notes_view')`)).rejects.toMatchObject({
      code: '42809',
      message: expect.stringContaining('public.notes_view'),
    });
  });
});
