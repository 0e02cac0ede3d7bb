import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/contract/clock.ts';
import { cacheTriggersSql, writeCacheTriggers } from '../../src/ops/cache-triggers.ts';
import { examine } from '../../src/ops/doctor.ts';
import { installOwnSchema } from '../../src/ops/install-own-schema.ts';
import { migrateUp } from '../../src/ops/migrate.ts';
import { namedTables, tablesOf } from '../../src/ops/named-tables.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { openEmbeddedAdmin } from './embedded-admin.ts';
import { openOwnedDatabase } from './full-stack-admin.ts';
import { runCdb } from './run-cdb.ts';
import { scratchFolder } from './scratch-folder.ts';

const clock = { ...systemClock, wallNow: () => Date.UTC(2027, 0, 2, 3, 4, 5) };

const WATCHED = `select tgrelid::regclass::text as name, tgenabled::text as enabled from pg_trigger
  where tgname = 'cdb_tell_change' order by 1`;

describe('the tables that are named', () => {
  it.each([
    ['trips', [{ schema: 'public', table: 'trips' }]],
    [
      'Trips, other.Things',
      [
        { schema: 'public', table: 'trips' },
        { schema: 'other', table: 'things' },
      ],
    ],
    [
      '"a.b"."C ""d"", e",f',
      [
        { schema: 'a.b', table: 'C "d", e' },
        { schema: 'public', table: 'f' },
      ],
    ],
  ])('are those of %s', (list, tables) => {
    expect(namedTables(list, 'A_CODE')).toEqual(tables);
  });

  it.each(['', ',', 'a,', 'a b', 'a;drop table b', "'a'", '"a'])('are none in %j', (list) => {
    expect(() => namedTables(list, 'A_CODE')).toThrow(expect.objectContaining({ code: 'A_CODE' }));
  });
});

describe('the migration of cache triggers', () => {
  it('quotes the names', () => {
    const sql = cacheTriggersSql([{ schema: `it's`, table: 'a "b" \\ c' }], 'watch');
    expect(sql).toContain(`select cdb.watch_table(E'"it''s"."a ""b"" \\\\ c"');`);
  });

  it('is written behind the others, with tables that need no database', async () => {
    const folder = await scratchFolder({ 'migrations/20280101000000_later.sql': 'select 1;' });
    const { code, stdout } = await runCdb([
      'cache',
      'triggers',
      '--tables=trips,other."X"',
      '--dir',
      folder,
      '--json',
    ]);
    const path = join(folder, 'migrations', '20280101000001_cache_triggers.sql');
    expect({ code, told: JSON.parse(stdout) }).toEqual({
      code: 0,
      told: {
        path,
        tables: [
          { schema: 'public', table: 'trips' },
          { schema: 'other', table: 'X' },
        ],
      },
    });
    const text = await readFile(path, 'utf8');
    expect(text).toContain(
      `select cdb.watch_table('"public"."trips"');\nselect cdb.watch_table('"other"."X"');\n`,
    );
  });

  it('is printed instead where that is asked for, also the one that drops them', async () => {
    const folder = await scratchFolder({ 'migrations/20280101000000_one.sql': 'select 1;' });
    const args = ['cache', 'triggers', '--tables=trips', '--drop', '--print', '--dir', folder];
    const { code, stdout } = await runCdb(args);
    expect(code).toBe(0);
    expect(stdout).toContain(`select cdb.unwatch_table('"public"."trips"');`);
    expect(JSON.parse((await runCdb([...args, '--json'])).stdout)).toMatchObject({
      path: null,
      sql: expect.stringContaining('cdb.unwatch_table'),
    });
    expect(await readdir(join(folder, 'migrations'))).toEqual(['20280101000000_one.sql']);
  });

  it('has a name of a migration', async () => {
    const folder = await scratchFolder({});
    const options = {
      migrations: folder,
      tables: namedTables('trips', 'A_CODE'),
      watch: 'watch',
      clock,
    } as const;
    await expect(writeCacheTriggers({ ...options, name: '../x' })).rejects.toMatchObject({
      code: 'CACHE_TRIGGER_MIGRATION_NAME',
    });
    expect(await writeCacheTriggers({ ...options, name: 'mine' })).toBe(
      join(folder, '20270102030405_mine.sql'),
    );
  });

  it('works on an embedded database too', async () => {
    await using admin = await openEmbeddedAdmin();
    await installOwnSchema(admin);
    await admin.script('create table notes (id int)');
    await admin.script(cacheTriggersSql(await tablesOf(admin, ['public']), 'watch'));
    expect(await admin.query(WATCHED)).toEqual([{ name: 'notes', enabled: 'A' }]);
  });
});

const TABLES = `create table notes (id int);
create table events (id int) partition by range (id);
create table events_1 partition of events for values from (0) to (10);
create schema other;
create table other.things (id int);
create view notes_view as select * from notes;`;

describeFullStack('cache triggers', () => {
  it('of all tables are made and dropped by their migrations, as often as they run', async () => {
    await using owned = await openOwnedDatabase({ sql: TABLES });
    const folder = await scratchFolder({ 'migrations/20260101000000_one.sql': 'select 1;' });
    const migrations = join(folder, 'migrations');
    const environment = { CDB_ADMIN_URL: owned.database.ownerUrl };
    const write = async (...args: readonly string[]) => {
      const done = await runCdb(['cache', 'triggers', '--all', '--dir', folder, ...args], environment);
      expect(done).toMatchObject({ code: 0, stderr: '' });
    };
    await write();
    await expect(migrateUp(owned.owner, migrations)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('The schema cdb is missing or older than version 2'),
      hint: 'Run cdb init first.',
    });
    await installOwnSchema(owned.owner);
    await migrateUp(owned.owner, migrations);
    const watched = ['events', 'events_1', 'notes'].map((name) => ({ name, enabled: 'A' }));
    expect(await owned.owner.query(WATCHED)).toEqual(watched);
    await write('--name=again', '--schema=public,other');
    await migrateUp(owned.owner, migrations);
    expect(await owned.owner.query(WATCHED)).toEqual([...watched, { name: 'other.things', enabled: 'A' }]);
    await write('--drop', '--schema=public,other');
    await migrateUp(owned.owner, migrations);
    expect(await owned.owner.query(WATCHED)).toEqual([]);
  });

  it('are looked at by the doctor', async () => {
    await using owned = await openOwnedDatabase({ sql: TABLES });
    const found = async () => {
      const findings = await examine({
        user: { direct: owned.database.user.direct },
        schemas: ['public', 'other'],
      });
      return findings.filter(({ check }) => check === 'cache triggers');
    };
    const where = 'database';
    expect(await found()).toMatchObject([
      { level: 'info', where, message: expect.stringContaining('No table') },
    ]);
    await installOwnSchema(owned.owner);
    await owned.owner.script(`select cdb.watch_table('events')`);
    expect(await found()).toMatchObject([
      { level: 'info', message: '1 of 3 tables tell of their changes. Not: other.things, public.notes' },
    ]);
    await owned.owner.script(`select cdb.watch_table('notes'), cdb.watch_table('other.things')`);
    expect(await found()).toMatchObject([{ level: 'ok', message: 'All 3 tables tell of their changes' }]);
    await owned.owner.script('create table events_2 partition of events for values from (10) to (20)');
    expect(await found()).toMatchObject([
      {
        level: 'warning',
        message:
          'public.events_2, which is a part of public.events, has no trigger: other processes are not told of changes there',
        advice: `Run as the owner of the table: select cdb.watch_table('public.events');`,
      },
    ]);
    await owned.owner.script(`select cdb.watch_table('events'); alter table notes disable trigger all`);
    expect(await found()).toMatchObject([
      {
        level: 'warning',
        message: expect.stringContaining('The table public.notes has its trigger switched off'),
      },
    ]);
  });
});
