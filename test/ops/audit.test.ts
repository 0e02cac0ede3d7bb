import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import { createDatabaseService, service, user } from '../../src/index.ts';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { auditLog } from '../../src/ops/audit-log.ts';
import { installOwnSchema } from '../../src/ops/install-own-schema.ts';
import { migrateUp } from '../../src/ops/migrate.ts';
import { withSession } from '../../stack/sql-session.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { reopenedEmbeddedAdmin } from './embedded-admin.ts';
import { disposable, openOwnedDatabase } from './full-stack-admin.ts';
import { runCdb } from './run-cdb.ts';
import { scratchFolder } from './scratch-folder.ts';

const ANA = '6a1f6c3e-0000-4000-8000-000000000001';
const SQL = `${OWN_SCHEMA}
create table authors (id int primary key);
create table notes (
  id int primary key, owner uuid, body text, secret text, author int references authors on delete cascade,
  length int generated always as (octet_length(body)) stored
);
alter table notes enable row level security;
create policy mine on notes for all to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
select cdb.audit_table('notes', array['secret']);`;

/** Oldest first. */
const recorded = async (connection: AdminConnection) =>
  (await auditLog(connection, {}))
    .map(({ operation, table, key, before, after, excluded }) => ({
      operation,
      table,
      key,
      before,
      after,
      excluded,
    }))
    .reverse();

const NOTE = { id: 1, owner: null, body: 'a', author: null, length: 1 };
const change = (operation: string, rest: object) => ({
  operation,
  table: 'public.notes',
  key: { id: 1 },
  before: null,
  after: null,
  excluded: [],
  ...rest,
});

function cases(open: (sql: string) => Promise<AdminConnection & AsyncDisposable>): void {
  it('writes moments in one way, whatever the session says', async () => {
    await using connection = await open(`${OWN_SCHEMA}
      create table stays (id int primary key, during tstzrange);
      select cdb.audit_table('stays');`);
    await connection.script(`set datestyle = 'SQL, DMY'; set timezone = 'Asia/Kolkata';
      insert into stays values (1, '[2027-02-01T00:00:00Z,2027-03-04T00:00:00Z)');`);
    expect(await recorded(connection)).toMatchObject([
      { after: { during: '["2027-02-01 00:00:00+00","2027-03-04 00:00:00+00")' } },
    ]);
  });

  it('has what changes a text although it means the same as jsonb', async () => {
    await using connection = await open(`${OWN_SCHEMA}
      create table kept (id int primary key, body json, amount numeric, parts json[]);
      insert into kept values (1, '{"a":1}', 1.0, array['{"a":1}'::json]);
      select cdb.audit_table('kept');`);
    await connection.script(`
      update kept set body = '{"a":2,"a":1}';
      update kept set amount = 1.00;
      update kept set parts = array['{"a":2,"a":1}'::json];
      update kept set body = body, amount = amount, parts = parts;`);
    expect((await recorded(connection)).map(({ after }) => Object.keys(after ?? {}))).toEqual([
      ['body'],
      ['amount'],
      ['parts'],
    ]);
  });

  it('has what was changed, before and after, and no value of an excluded column', async () => {
    await using connection = await open(SQL);
    await connection.script(`
      insert into notes (id, body, secret) values (1, 'a', 'hunter2');
      update notes set body = 'bc';
      update notes set secret = 'swordfish';
      update notes set body = body, owner = null;
      update notes set body = 'd' where false;
      delete from notes;`);
    expect(await recorded(connection)).toEqual([
      change('insert', { after: NOTE, excluded: ['secret'] }),
      change('update', { before: { body: 'a', length: 1 }, after: { body: 'bc', length: 2 } }),
      change('update', { excluded: ['secret'] }),
      change('delete', { before: { ...NOTE, body: 'bc', length: 2 }, excluded: ['secret'] }),
    ]);
    const everything = JSON.stringify(await connection.query('select a::text as row from cdb.audit a'));
    expect(everything).not.toMatch(/hunter2|swordfish/);
  });

  it('has upserts, cascades and truncates', async () => {
    await using connection = await open(SQL);
    const upsert = "insert into notes (id, body) values (1, 'a') on conflict (id) do update set body = 'b'";
    await connection.script(`insert into authors values (7); ${upsert}; ${upsert}; update notes set author = 7;
      delete from authors; truncate notes;`);
    expect((await recorded(connection)).map(({ operation, key }) => [operation, key])).toEqual([
      ['insert', { id: 1 }],
      ['update', { id: 1 }],
      ['update', { id: 1 }],
      ['delete', { id: 1 }],
      ['truncate', null],
    ]);
  });

  it('has nothing of what is rolled back', async () => {
    await using connection = await open(SQL);
    await connection.script('begin; insert into notes (id) values (1); rollback');
    expect(await recorded(connection)).toEqual([]);
  });

  it('has changes of partitions, also of those that come later, under the name of the whole', async () => {
    await using connection = await open(`${OWN_SCHEMA}
      create table events (id int, at date, primary key (id, at)) partition by range (at);
      create table events_1 partition of events for values from ('2026-01-01') to ('2027-01-01');
      select cdb.audit_table('events'); select cdb.audit_table('events');
      create table events_2 partition of events for values from ('2027-01-01') to ('2028-01-01');`);
    await connection.script(`insert into events values (1, '2026-05-05'); insert into events_2 values (2, '2027-05-05');
      update events set at = '2027-06-06' where id = 1; truncate events_1;`);
    expect((await recorded(connection)).map(({ operation, table, key }) => [operation, table, key])).toEqual([
      ['insert', 'public.events', { id: 1, at: '2026-05-05' }],
      ['insert', 'public.events', { id: 2, at: '2027-05-05' }],
      ['delete', 'public.events', { id: 1, at: '2026-05-05' }],
      ['insert', 'public.events', { id: 1, at: '2027-06-06' }],
      ['truncate', 'public.events', null],
    ]);
    await connection.script(
      "select cdb.unaudit_table('events'); insert into events values (3, '2026-05-05')",
    );
    expect(await recorded(connection)).toHaveLength(5);
  });

  it('has the changes of inheriting tables', async () => {
    await using connection = await open(`${OWN_SCHEMA}
      create table base (id int primary key); create table child () inherits (base); select cdb.audit_table('base');`);
    await connection.script('insert into child values (1)');
    expect(await recorded(connection)).toMatchObject([
      { operation: 'insert', table: 'public.child', after: { id: 1 } },
    ]);
  });

  it('tells the size of a large value in its place', async () => {
    await using connection = await open(SQL);
    await connection.script(
      "insert into notes (id, body) values (1, repeat('x', 20000)); update notes set owner = gen_random_uuid()",
    );
    const [, first] = (await recorded(connection)).map(({ after }) => after).reverse();
    expect(first).toMatchObject({ body: { 'cdb:bytes': 20002 }, length: 20000 });
  });

  it('does not depend on the settings of who writes', async () => {
    await using connection = await open(`${OWN_SCHEMA}
      create table times (id int primary key, at timestamptz, lasts interval, bytes bytea, number float8);
      select cdb.audit_table('times');`);
    await connection.script(`begin; set local timezone = 'Asia/Tokyo'; set local bytea_output = 'escape'; set local intervalstyle = 'sql_standard';
      set local extra_float_digits = -10; set local search_path = pg_temp; create temp table audit (id int); create temp table pg_class (oid oid);
      insert into public.times values (1, '2027-01-02T03:04:05Z', '1 day', '\\x00ff', 0.30000000000000004); commit`);
    expect((await recorded(connection))[0]?.after).toEqual({
      ...{
        id: 1,
        at: '2027-01-02T03:04:05+00:00',
        lasts: 'P1D',
        bytes: '\\x00ff',
        number: 0.30000000000000004,
      },
    });
  });

  it('has the reason that a transaction states', async () => {
    await using connection = await open(SQL);
    await connection.script(
      "begin; select set_config('cdb.reason', 'Asked by phone', true); insert into notes (id) values (1); commit",
    );
    await connection.script('insert into notes (id) values (2)');
    expect((await auditLog(connection, {})).map(({ reason }) => reason)).toEqual([null, 'Asked by phone']);
  });

  it.each([
    ['update cdb.audit set role = role'],
    ['update cdb.audit set role = role where false'],
    ['delete from cdb.audit'],
    ['truncate cdb.audit'],
    [
      "insert into cdb.audit (id, role, login, operation, table_schema, table_name) overriding system value values (1, 'a', 'b', 'c', 'd', 'e') on conflict (id) do update set role = 'x'",
    ],
  ])('refuses %s even to its owner', async (sql) => {
    await using connection = await open(SQL);
    await connection.script('insert into notes (id) values (1)');
    const before = await recorded(connection);
    await expect(connection.script(sql)).rejects.toMatchObject({ code: 'AUDIT_APPEND_ONLY' });
    expect(await recorded(connection)).toEqual(before);
  });

  it.each([
    ['a column that there is not', "select cdb.audit_table('notes', array['sceret'])", '42703'],
    ['a view', "create temp view v as select 1; select cdb.audit_table('v')", '42809'],
    ['itself', "select cdb.audit_table('cdb.audit')", '42809'],
  ])('is refused for %s', async (_what, sql, sqlState) => {
    await using connection = await open(SQL);
    await expect(connection.script(sql)).rejects.toMatchObject({ sqlState });
  });
}

describe('the audit, embedded', () => cases(reopenedEmbeddedAdmin()));

describeFullStack('the audit', () => {
  cases(async (sql) => disposable(await openOwnedDatabase({ sql })));

  it('says who it was, in every mode, by claims that are fit to be kept', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    const { database } = owned;
    await using db = createDatabaseService({ ...database.user, service: database.service });
    const ana = db.as(
      user({ sub: ANA, session_id: 's-1', email: 'ana@example.com', app_metadata: { plan: 'gold' } }),
    );
    for (const [place, mode] of (['direct', 'session', 'transaction'] as const).entries())
      await ana.insert('notes', { id: place, owner: ANA }, { mode });
    await ana.batch([ana.build.update('notes', { body: 'b' }, { filters: { id: 0 } })]);
    await ana.transaction((tx) => tx.delete('notes', { filters: { id: 0 } }));
    await db.as(service()).update('notes', { body: 'c' }, { filters: { id: 1 } });
    await expect(ana.insert('notes', { id: 9, owner: null })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const entries = (await auditLog(owned.owner, {})).toReversed();
    const claims = { session_id: 's-1' };
    expect(
      entries.map(({ operation, role, subject, claims: kept }) => ({ operation, role, subject, kept })),
    ).toEqual([
      ...['insert', 'insert', 'insert', 'update', 'delete'].map((operation) => ({
        operation,
        role: 'authenticated',
        subject: ANA,
        kept: expect.objectContaining(claims),
      })),
      { operation: 'update', role: 'service_role', subject: null, kept: expect.anything() },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/example\.com|gold/);
    expect(new Set(entries.map(({ login }) => login))).toEqual(
      new Set([new URL(database.user.direct).username, new URL(database.service.direct).username]),
    );
  });

  it('has no right for callers and for the service, not even to read', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    for (const role of ['anon', 'authenticated', 'service_role']) {
      for (const sql of [
        'select from cdb.audit',
        "insert into cdb.audit (role, login, operation, table_schema, table_name) values ('a', 'b', 'c', 'd', 'e')",
        'delete from cdb.audit',
        "select cdb.add_audit('x', 'notes', null, null, null, '{}', null)",
        "select cdb.unaudit_table('notes')",
        'alter table notes disable trigger cdb_record_change',
        'alter table cdb.audit disable trigger cdb_append_only',
        "create temp table mine (id int); create trigger t after insert on mine for each row execute function cdb.record_change('{}')",
      ]) {
        await owned.owner.script(`begin; set local role ${role}`);
        await expect(owned.owner.script(sql), `${role}: ${sql}`).rejects.toMatchObject({ sqlState: '42501' });
        await owned.owner.script('rollback');
      }
    }
  });

  it('goes on while triggers are switched off for a session, and refuses there too', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    await withSession(owned.database.adminUrl, async ({ query }) => {
      await query("set session_replication_role = 'replica'");
      await query('insert into notes (id) values (1)');
      await query('truncate notes');
      await expect(query('delete from cdb.audit')).rejects.toThrow('append-only');
    });
    expect((await recorded(owned.owner)).map(({ operation }) => operation)).toEqual(['insert', 'truncate']);
  });

  it('has the rows of COPY', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    const sql = postgres(owned.database.ownerUrl, { max: 1 });
    await pipeline(Readable.from(['1\ta\n2\tb\n']), await sql`copy notes (id, body) from stdin`.writable());
    await sql.end();
    expect((await recorded(owned.owner)).map(({ operation, key }) => [operation, key])).toEqual([
      ['insert', { id: 1 }],
      ['insert', { id: 2 }],
    ]);
  });

  it('leaves what a write outdates in caches as it was', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    await using db = createDatabaseService(owned.database.user);
    const ana = db.as(user({ sub: ANA }));
    expect(await ana.explainCache(ana.build.delete('notes', { all: true }))).toMatchObject({
      outdates: ['public.notes'],
    });
  });

  it('is set up by a migration, and read by a command', async () => {
    await using owned = await openOwnedDatabase({
      sql: 'create table notes (id int primary key, secret text, "Odd" text)',
    });
    const folder = await scratchFolder({ 'migrations/20260101000000_one.sql': 'select 1;' });
    const cdb = (...args: readonly string[]) =>
      runCdb(['audit', ...args], { CDB_ADMIN_URL: owned.database.ownerUrl });
    const written = await cdb('tables', '--tables=notes', '--exclude=secret,"Odd"', '--dir', folder);
    expect(written).toMatchObject({ code: 0, stderr: '' });
    const migrations = join(folder, 'migrations');
    const [, file = ''] = (await readdir(migrations)).sort();
    expect(await readFile(join(migrations, file), 'utf8')).toContain(
      `select cdb.audit_table('"public"."notes"', array['secret', 'Odd']);`,
    );
    await expect(migrateUp(owned.owner, migrations)).rejects.toMatchObject({
      message: expect.stringContaining('older than version 3'),
      hint: 'Run cdb init first.',
    });
    await installOwnSchema(owned.owner);
    await migrateUp(owned.owner, migrations);
    await owned.owner.script("insert into notes values (1, 's', 'o'); update notes set id = 2");
    const list = await cdb('list', '--table=notes', '--since=1h', '--json');
    expect(JSON.parse(list.stdout)).toMatchObject({
      entries: [
        { operation: 'update', key: { id: 1 }, before: { id: 1 }, after: { id: 2 }, excluded: [] },
        { operation: 'insert', key: { id: 1 }, after: { id: 1 }, excluded: ['Odd', 'secret'] },
      ],
    });
    expect((await cdb('list')).stdout).toMatch(/update +public\.notes +\{"id":1\} +id/);
    expect(await cdb('list', '--table=other.notes')).toMatchObject({
      code: 0,
      stdout: 'Nothing was recorded.\n',
    });
    expect(await cdb('list', '--since=2020-01-01T00:00:00Z', '--limit=1', '--json')).toMatchObject({
      code: 0,
    });
    expect(await cdb('list', '--limit=0')).toMatchObject({ code: 2 });
    expect(await cdb('list', '--since=soon')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("'soon'"),
    });
    expect(await cdb('tables', '--tables=a,b', '--exclude=c')).toMatchObject({ code: 2 });
    expect((await cdb('tables', '--tables=notes', '--drop', '--print')).stdout).toContain(
      'cdb.unaudit_table',
    );
  });
});
