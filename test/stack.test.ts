import { readFileSync, statSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSession } from '../stack/sql-session.ts';
import { stackFolder, withDatabase } from '../stack/stack-state.ts';
import { readBootstrap } from '../stack/template-database.ts';
import { createEmbeddedDatabase } from './support/embedded-database.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from './support/full-stack.ts';

const MODES = ['direct', 'session', 'transaction'] as const;

describeFullStack('the full stack', (stack) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table public.notes (id int primary key, owner uuid not null default auth.uid());
            alter table public.notes enable row level security;
            create policy own on public.notes to authenticated using ((select auth.uid()) = owner);
            insert into public.notes values (1, '00000000-0000-0000-0000-000000000001'),
                                            (2, '00000000-0000-0000-0000-000000000002')`,
    });
  });
  afterAll(() => database.drop());

  it.each(MODES)('answers the login of users in %s mode', async (mode) => {
    const [row] = await withSession(database.user[mode], ({ query }) =>
      query('select session_user::text as login, current_database()::text as name'),
    );
    expect(row).toEqual({ login: 'cdb_user', name: database.name });
  });

  it.each(MODES)('lets a user become authenticated and see their own rows only, in %s mode', async (mode) => {
    const rows = await withSession(database.user[mode], async ({ query }) => {
      await query('begin');
      await query('set local role authenticated');
      await query(`select set_config('request.jwt.claims', $1, true)`, [
        JSON.stringify({ sub: '00000000-0000-0000-0000-000000000001', role: 'authenticated' }),
      ]);
      const seen = await query('select id from public.notes');
      await query('commit');
      return seen;
    });
    expect(rows).toEqual([{ id: 1 }]);
  });

  it.each(MODES)('refuses the service role to the login of users in %s mode', async (mode) => {
    const attempt = withSession(database.user[mode], ({ query }) => query('set role service_role'));
    await expect(attempt).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses the roles of users to the login of the service', async () => {
    const attempt = withSession(database.service.direct, ({ query }) => query('set role authenticated'));
    await expect(attempt).rejects.toMatchObject({ code: '42501' });
  });

  it('gives its logins no table and no power of their own', async () => {
    const attempt = withSession(database.user.direct, ({ query }) => query('select * from public.notes'));
    await expect(attempt).rejects.toMatchObject({ code: '42501' });
    const logins = await database.query(
      `select rolname, rolsuper or rolinherit or rolcreaterole or rolcreatedb or rolbypassrls as powerful
       from pg_roles where rolname in ('cdb_user', 'cdb_service') order by 1`,
    );
    expect(logins).toEqual([
      { rolname: 'cdb_service', powerful: false },
      { rolname: 'cdb_user', powerful: false },
    ]);
  });

  it('keeps its owner from being a superuser', async () => {
    const [row] = await database.query('select rolsuper from pg_roles where rolname = current_user');
    expect(row).toEqual({ rolsuper: false });
  });

  it('has vectors', async () => {
    const [row] = await database.query(
      `select '[1,0]'::extensions.vector operator(extensions.<=>) '[0,1]'::extensions.vector as distance`,
    );
    expect(row).toEqual({ distance: 1 });
  });

  it.each(MODES)('refuses a wrong password in %s mode', async (mode) => {
    const url = new URL(database.user[mode]);
    url.password = 'wrong';
    await expect(withSession(url.href, ({ query }) => query('select 1'))).rejects.toThrow(/auth/);
  });

  it('finds a login that was made after the poolers started', async () => {
    await database.query(`create role cdb_test_late_login login noinherit password 'late'`);
    try {
      const url = new URL(database.user.transaction);
      url.username = 'cdb_test_late_login';
      url.password = 'late';
      const [row] = await withSession(url.href, ({ query }) => query('select session_user::text as login'));
      expect(row).toEqual({ login: 'cdb_test_late_login' });
    } finally {
      await withSession(stack.admin, ({ query }) =>
        query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'cdb_test_late_login'`),
      );
      await database.query('drop role cdb_test_late_login');
    }
  });

  it('drops a test database that poolers and clients still hold open', async () => {
    const doomed = await createTestDatabase();
    const client = new pg.Client({ connectionString: doomed.user.session });
    client.on('error', () => {});
    await client.connect();
    await client.query('select 1');
    await doomed.drop();
    const left = await database.query('select 1 from pg_database where datname = $1', [doomed.name]);
    expect(left).toEqual([]);
    await client.end();
  });

  it('applies the migrations to a database on request', async () => {
    await using migrated = await createTestDatabase({ migrated: true });
    const [row] = await migrated.query(`select to_regclass('public.trips') is not null as there`);
    expect(row).toEqual({ there: true });
  });
});

describeFullStack('the certificate of the full stack', (stack) => {
  // A stack that the environment names has a certificate of its own.
  it.skipIf(stack.caFile === undefined).each(MODES)('is verified in %s mode', async (mode) => {
    const client = new pg.Client({
      connectionString: stack.user[mode],
      ssl: { ca: readFileSync(stack.caFile!, 'utf8') },
    });
    await client.connect();
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.end();
  });

  it.skipIf(stack.caFile === undefined)('is not trusted without its authority', async () => {
    const client = new pg.Client({ connectionString: stack.user.direct, ssl: true });
    await expect(client.connect()).rejects.toMatchObject({
      code: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/),
    });
  });

  it.skipIf(stack.caFile === undefined)('stands beside passwords that only the owner may read', () => {
    expect(statSync(stackFolder().stateFile).mode & 0o777).toBe(0o600);
  });
});

describeFullStack('bootstrap.sql on Postgres', (stack) => {
  it('changes nothing when it runs again', async () => {
    await using database = await createTestDatabase();
    const before = await fingerprint(database);
    await withSession(database.adminUrl, ({ query }) => query(readBootstrap().text));
    expect(await fingerprint(database)).toEqual(before);
  });

  it('leaves a project alone whose auth.uid() differs, also as a role that may change nothing', async () => {
    await using database = await createTestDatabase();
    await withSession(database.adminUrl, ({ query }) =>
      query(`create or replace function auth.uid() returns uuid language sql stable as 'select null::uuid'`),
    );
    const before = await fingerprint(database);
    await withSession(database.user.direct, ({ query }) => query(readBootstrap().text));
    expect(await fingerprint(database)).toEqual(before);
  });

  it('gives the roles the time limits of Supabase', async () => {
    const limits = await withSession(stack.admin, ({ query }) =>
      query(
        `select rolname, rolconfig from pg_roles where rolname in ('anon', 'authenticated', 'service_role') order by 1`,
      ),
    );
    expect(limits).toEqual([
      { rolname: 'anon', rolconfig: ['statement_timeout=3s'] },
      { rolname: 'authenticated', rolconfig: ['statement_timeout=8s'] },
      { rolname: 'service_role', rolconfig: null },
    ]);
  });
});

describe('bootstrap.sql on the embedded database', () => {
  it('makes it look like Supabase, and changes nothing when it runs again', async () => {
    await using database = await createEmbeddedDatabase();
    await database.exec(readBootstrap().text);
    const claims = JSON.stringify({
      sub: '00000000-0000-0000-0000-000000000001',
      role: 'anon',
      email: 'a@b.c',
    });
    const { rows } = await database.query(
      `select auth.uid()::text as uid, auth.role() as role, auth.email() as email, auth.jwt() as jwt
       from set_config('request.jwt.claims', $1, false)`,
      [claims],
    );
    expect(rows).toEqual([
      {
        uid: '00000000-0000-0000-0000-000000000001',
        role: 'anon',
        email: 'a@b.c',
        jwt: JSON.parse(claims) as unknown,
      },
    ]);
  });

  it('carries the migrations and vectors', async () => {
    await using database = await createEmbeddedDatabase({ migrated: true });
    const { rows } = await database.query(
      `select to_regclass('public.trips') is not null as trips, '[1,0]'::extensions.vector::text as vector`,
    );
    expect(rows).toEqual([{ trips: true, vector: '[1,0]' }]);
  });
});

/** Everything that bootstrap.sql could have touched. */
async function fingerprint(database: TestDatabase): Promise<unknown> {
  return await withSession(withDatabase(database.adminUrl, database.name), ({ query }) =>
    query(`
      select 'function' as kind, oid::regprocedure::text as name, prosrc as detail from pg_proc
        where pronamespace in ('auth'::regnamespace, 'storage'::regnamespace)
      union all select 'schema', nspname, coalesce(nspacl::text, '') from pg_namespace where nspname !~ '^pg_'
      union all select 'relation', oid::regclass::text, coalesce(relacl::text, '') from pg_class
        where relnamespace in ('auth'::regnamespace, 'storage'::regnamespace)
      union all select 'publication', pubname, pubowner::text from pg_publication
      union all select 'default', oid::text, defaclacl::text from pg_default_acl
      union all select 'extension', extname, extversion from pg_extension
      union all select 'setting', setdatabase::text || ':' || setrole, setconfig::text from pg_db_role_setting
        where setdatabase in (0, (select oid from pg_database where datname = current_database()))
      order by 1, 2`),
  );
}
