import { beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseService, type DatabaseHandle, type ModeName, service, user } from '../../src/index.ts';
import { createTestDatabase } from '../support/full-stack.ts';
import { describeEveryMode, MODES, refusalOf, SOCKETS } from './every-mode.ts';

const ANN = user({ sub: '00000000-0000-4000-8000-00000000000a' });
const BOB = user({ sub: '00000000-0000-4000-8000-00000000000b' });

/**
 * Another value for every setting that a user may set. The server refuses the values that do not fit and those of
 * settings that need more; what is left is counted.
 */
const SQL = `
  create function shift_all() returns bigint language plpgsql volatile as $$
    declare
      s record;
      other text;
      shifted bigint := 0;
    begin
      for s in select * from pg_settings where context = 'user' and name not in (
        'role', 'session_authorization', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable',
        'client_encoding', 'statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout',
        'idle_session_timeout', 'temp_tablespaces', 'default_tablespace', 'default_table_access_method', 'seed',
        'exit_on_error')
      loop
        other := case s.vartype
          when 'bool' then case s.setting when 'on' then 'off' else 'on' end
          when 'enum' then (select v from unnest(s.enumvals) v where v <> s.setting limit 1)
          when 'integer' then case when s.setting::numeric < s.max_val::numeric
            then (s.setting::numeric + 1)::text else (s.setting::numeric - 1)::text end
          when 'real' then case when s.setting::numeric < s.max_val::numeric
            then (s.setting::numeric + (s.max_val::numeric - s.setting::numeric) / 2)::text else s.min_val end
          when 'string' then case s.name
            when 'TimeZone' then 'Asia/Tokyo' when 'DateStyle' then 'German' when 'search_path' then 'pg_catalog'
            when 'default_text_search_config' then 'pg_catalog.german' else 'other' end
        end;
        begin
          perform set_config(s.name, other, false);
          if current_setting(s.name) is distinct from s.setting then shifted := shifted + 1; end if;
        exception when others then null;
        end;
      end loop;
      perform set_config('idle_in_transaction_session_timeout', '600000', false);
      if current_setting('transaction_timeout', true) is not null then
        perform set_config('transaction_timeout', '600000', false);
      end if;
      perform set_config('statement_timeout', '600000', false);
      perform set_config('app.tenant', 'of ann', false);
      perform set_config('request.jwt.claim.sub', '00000000-0000-4000-8000-00000000000a', false);
      perform set_config('default_transaction_isolation', 'serializable', false);
      -- PGlite does not live through an error with it, ours or its own.
      if version() not like '%emscripten%' and version() not like '%wasm%' then
        perform set_config('exit_on_error', 'on', false);
      end if;
      return shifted;
    end $$;
  create function leave_table() returns int language plpgsql volatile as $$
    begin
      execute 'create temp table if not exists scratch (who text)';
      execute 'create temp table if not exists shown (id int, told text)';
      insert into pg_temp.scratch values (current_setting('request.jwt.claims'));
      return (select count(*) from pg_temp.scratch);
    end $$;
  create table shown (id int primary key, told text);
  insert into shown values (1, 'to all');
  alter table shown enable row level security;
  create policy all_of_it on shown using (true) with check (true);
  create table shifting (id int primary key);
  create function shift_in_trigger() returns trigger language plpgsql as $$
    begin perform leave_table(); perform shift_all(); return new; end $$;
  create trigger shifts before insert on shifting for each row execute function shift_in_trigger();
`;

/** Ways to leave every setting with another value on the connection. */
const LEAVE: Readonly<Record<string, (db: DatabaseHandle, id: number) => Promise<unknown>>> = {
  'raw SQL': (db) => db.sql`select shift_all()`,
  'a function': (db) => db.rpc('shift_all'),
  'a trigger': (db, id) => db.insert('shifting', { id }),
  'raw SQL that reads': (db) => db.sql({ access: 'read' })`select shift_all()`,
};

describeEveryMode('what one call leaves behind', SQL, (modes) => {
  /**
   * All settings and what the next caller is told. Not those that are the call's own, those that PL/pgSQL brings when it
   * is loaded, and `transaction_deferrable`, which is nothing to a transaction that is not serializable.
   */
  const seen = async (db: DatabaseHandle) => ({
    settings: await db.sql({ access: 'read' })<{ name: string; value: string | null }>`
      select name, current_setting(name) as value from pg_settings where context in ('user', 'superuser')
        and name not in ('statement_timeout', 'application_name', 'transaction_deferrable') and name not like 'plpgsql.%' order by 1`,
    own: await db.sql({ access: 'read' })`
      select auth.uid()::text as uid, current_user::text as role, nullif(current_setting('app.tenant', true), '') as tenant,
        current_setting('TimeZone') as zone, current_setting('transaction_isolation') as isolation,
        (select count(*)::int from pg_class where relname = 'scratch' and relpersistence = 't') as temporary`,
    shown: await db.select('shown'),
  });

  /** The session of a PGlite that was handed in is its owner's too, settings and all. */
  async function asOwner(mode: ModeName, sql: string): Promise<void> {
    if (mode === 'embedded') await modes.query(mode, 'reset all');
    await modes.query(mode, sql);
  }

  describe.each(MODES)('in %s mode', (mode) => {
    let fresh: Awaited<ReturnType<typeof seen>>;
    beforeAll(async () => {
      await using db = modes.service(mode);
      fresh = await seen(db.as(BOB));
    });

    it.each(Object.entries(LEAVE))('%s changes nothing for the next caller', async (name, leave) => {
      await using db = modes.service(mode);
      await asOwner(mode, 'truncate shifting');
      expect((await leave(db.as(ANN), 1)) ?? true).toBeTruthy();
      // A write too: by then the defaults of the transaction were left behind.
      if (!name.includes('reads')) {
        await asOwner(mode, 'delete from shown where id > 1');
        expect(await db.as(BOB).insert('shown', { id: 2, told: 'by bob' })).toMatchObject({ id: 2 });
        await asOwner(mode, 'delete from shown where id > 1');
        await leave(db.as(ANN), 2);
      }
      expect(await seen(db.as(BOB))).toEqual(fresh);
    });

    it('is many settings', async () => {
      await using db = modes.service(mode);
      expect(Number(await db.as(ANN).rpc('shift_all'))).toBeGreaterThan(100);
    });

    it.each(['rpc', 'raw SQL'] as const)('is no temporary table for the next caller: %s', async (how) => {
      await using db = modes.service(mode);
      const leave = (who: DatabaseHandle) =>
        how === 'rpc' ? who.rpc('leave_table') : who.sql`select leave_table()`.then(() => 1);
      expect(await leave(db.as(ANN))).toBe(1);
      expect(await leave(db.as(BOB))).toBe(1);
      expect(await db.as(BOB).select('shown')).toEqual([{ id: 1, told: 'to all' }]);
      expect((await refusalOf(() => db.as(BOB).sql`select * from pg_temp.scratch`)).sqlState).toMatch(/^42/);
    });
  });

  it.each(['direct', 'session', 'embedded'] as const satisfies readonly ModeName[])(
    'inside a transaction changes nothing for the next caller in %s mode',
    async (mode) => {
      await using db = modes.service(mode);
      const fresh = await seen(db.as(BOB));
      await db.as(ANN).transaction(async (tx) => {
        await tx.rpc('shift_all');
        await tx.rpc('leave_table');
      });
      expect(await seen(db.as(BOB))).toEqual(fresh);
      await db.as(ANN).transaction(async (tx) => {
        await tx.rpc('shift_all');
      });
      const inside = await db
        .as(BOB)
        .transaction((tx) => seen(tx as unknown as DatabaseHandle), { readOnly: true });
      expect(inside).toEqual(fresh);
    },
  );

  describe.each(SOCKETS)('in %s mode what the database and the login define', (mode) => {
    it('changes no value, no path and no policy', async () => {
      const values = async (db: DatabaseHandle) => [
        await db.sql({ access: 'read' })`
          select timestamptz '2026-02-01 12:00+00' as at, interval '1 day 2 hours' as span, date '2026-02-01' as day,
            '\\x00ff'::bytea as bytes, 0.1::float8 + 0.2::float8 as sum, 'é' as text`,
        await db.select('shown'),
        await db.sql({
          access: 'read',
        })`select auth.uid()::text as uid, current_setting('search_path') as path,
          current_setting('row_security') as held, current_setting('transaction_isolation') as isolation`,
      ];
      await using plain = modes.service(mode);
      const right = await values(plain.as(BOB));
      await using own = await createTestDatabase({ sql: SQL });
      for (const setting of [
        "timezone = 'Asia/Tokyo'",
        "datestyle = 'German'",
        "intervalstyle = 'iso_8601'",
        "bytea_output = 'escape'",
        'extra_float_digits = -10',
        'row_security = off',
        "search_path = 'pg_catalog'",
        'default_transaction_isolation = serializable',
        'default_transaction_read_only = on',
      ]) {
        await own.query(`alter database ${own.name} set ${setting}`);
      }
      await using db = createDatabaseService({ [mode]: own.user[mode], onWarning: () => {} });
      expect(await values(db.as(BOB))).toEqual(right);
      await db.as(BOB).insert('shown', { id: 4, told: 'despite it' });
      expect(await db.as(BOB).count('shown')).toBe(2);
    });
  });

  it('in transaction mode is neither role nor lock nor channel of raw SQL', async () => {
    await using db = modes.service('transaction');
    const mine = db.as(service());
    await mine.sql`select set_config('role', 'service_role', false), pg_advisory_lock(4711)`;
    const held = `select 1 from pg_locks where locktype = 'advisory' and objid = 4711
      and database = (select oid from pg_database where datname = current_database())`;
    expect(await modes.query('transaction', held)).toEqual([]);
    await mine.sql({ access: 'read' })`select pg_advisory_lock(4711)`;
    expect(await modes.query('transaction', held)).toEqual([]);
  });

  it.each(MODES)('is no isolation for a write in %s mode, which is sent once', async (mode) => {
    await using db = modes.service(mode);
    await db.as(ANN).rpc('shift_all');
    await db.as(BOB).sql`select set_config('default_transaction_read_only', 'on', false)`.catch(
      () => undefined,
    );
    await asOwner(mode, 'delete from shown where id > 1');
    await db.as(BOB).insert('shown', { id: 3, told: 'once' });
    expect(await db.as(BOB).select('shown', { filters: { id: 3 } })).toHaveLength(1);
    await asOwner(mode, 'delete from shown where id > 1');
  });
});
