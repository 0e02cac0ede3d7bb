import { readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { type DisposableAdmin, openEmbeddedAdmin } from '../ops/embedded-admin.ts';
import { disposable, openOwnedDatabase } from '../ops/full-stack-admin.ts';
import { describeFullStack } from '../support/full-stack.ts';

const ALICE = '00000000-0000-4000-8000-000000000001';

async function sqlStateOf(connection: AdminConnection, sql: string): Promise<string | undefined> {
  await connection.script('savepoint attempt');
  try {
    await connection.query(sql);
    return undefined;
  } catch (error) {
    await connection.script('rollback to savepoint attempt');
    return error instanceof Error && 'sqlState' in error ? String(error.sqlState) : String(error);
  }
}

/** A vector of 16 dimensions whose first ones are these. */
const vector = (...head: readonly number[]): string =>
  `[${Array.from({ length: 16 }, (_, i) => head[i] ?? 0).join(',')}]`;

function cases(open: () => Promise<DisposableAdmin>): void {
  let connection: DisposableAdmin;
  beforeAll(async () => {
    connection = await open();
    await connection.script(`
      insert into auth.users (id, email) values ('${ALICE}', 'alice@example.org');
      insert into profiles (id, username, email) values ('${ALICE}', 'alice', 'alice@example.org');
      insert into destinations (id, name, country_code, latitude, longitude, population, embedding) values
        (1, 'Lisbon', 'PT', 38.71667, -9.13333, 517802, '${vector(1, 0.1)}'),
        (2, 'Sintra', 'PT', 38.80097, -9.37826, 26193, '${vector(0.9, 0.3)}'),
        (3, 'Suva', 'FJ', -18.14161, 178.44149, 77366, '${vector(-1)}'),
        (4, 'Apia', 'WS', -13.83333, -171.76666, 40407, null);
    `);
  });
  afterAll(() => connection[Symbol.asyncDispose]());
  beforeEach(() => connection.script('begin'));
  afterEach(() => connection.script('rollback'));

  it.each([
    [
      'a username of two letters',
      `insert into profiles (id, username, email) values ('${ALICE}', 'al', 'x@y')`,
      '23514',
    ],
    ['an email without an at', `update profiles set email = 'nobody'`, '23514'],
    ['preferences that are no object', `update profiles set preferences = '[]'`, '23514'],
    [
      'a profile of nobody',
      "insert into profiles (id, username, email) values (gen_random_uuid(), 'bob', 'b@y')",
      '23503',
    ],
    ['a country in lower case', "update destinations set country_code = 'pt'", '23514'],
    ['a latitude beyond the pole', 'update destinations set latitude = 91', '23514'],
    ['an embedding of other dimensions', "update destinations set embedding = '[1,2,3]'", '22000'],
    ['a value for a generated column', "update destinations set search = ''", '428C9'],
    [
      'a trip that ends before it starts',
      `insert into trips (owner_id, title, starts_on, ends_on) values ('${ALICE}', 'x', '2026-02-02', '2026-02-01')`,
      '23514',
    ],
    ['a trip without a title', `insert into trips (owner_id, title) values ('${ALICE}', '')`, '23514'],
    [
      'a status that is none',
      `insert into trips (owner_id, title, status) values ('${ALICE}', 'x', 'someday')`,
      '22P02',
    ],
    [
      'a key instead of its hash',
      `insert into api_keys (user_id, name, key_prefix, key_hash) values ('${ALICE}', 'a', 'cdb_', 'cdb_secret')`,
      '23514',
    ],
    [
      'a key with scopes without end',
      `insert into api_keys (user_id, name, key_prefix, key_hash, scopes)
       values ('${ALICE}', 'a', 'cdb_', repeat('a', 64), array[repeat('x', 4000)])`,
      '23514',
    ],
    [
      'a key that expires never and always',
      `insert into api_keys (user_id, name, key_prefix, key_hash, expires_at)
       values ('${ALICE}', 'a', 'cdb_', repeat('a', 64), 'infinity')`,
      '23514',
    ],
    ['an empty search', `insert into search_history (user_id, query) values ('${ALICE}', '')`, '23514'],
  ])('refuses %s', async (_what, sql, sqlState) => {
    expect(await sqlStateOf(connection, sql)).toBe(sqlState);
  });

  it('notes when a row was changed', async () => {
    await connection.script(
      `insert into trips (owner_id, title, updated_at) values ('${ALICE}', 'x', '2020-01-01')`,
    );
    for (const table of ['profiles', 'destinations', 'trips']) {
      const column = table === 'profiles' ? 'display_name' : table === 'trips' ? 'title' : 'name';
      expect(
        await connection.query(
          `update ${table} set ${column} = ${column}, updated_at = '2020-01-01' returning updated_at = now() as noted`,
        ),
      ).toContainEqual({ noted: true });
    }
  });

  it('finds destinations by distance, nearest first, within the radius', async () => {
    const near = await connection.query<{ name: string; distance_km: number }>(
      'select name, distance_km from nearby_destinations(lat => 38.71667, lon => -9.13333, radius_km => 30)',
    );
    expect(near.map((row) => row.name)).toEqual(['Lisbon', 'Sintra']);
    expect(near[1]?.distance_km).toBeCloseTo(23.2, 0);
  });

  it('finds destinations across the date line', async () => {
    const near = await connection.query<{ name: string }>(
      'select name from nearby_destinations(-16, -178, 900)',
    );
    expect(near.map((row) => row.name)).toEqual(['Suva', 'Apia']);
  });

  it('finds destinations by similarity', async () => {
    const similar = (limit: number, least: number) =>
      connection.query<{ name: string }>('select name from match_destinations($1, $2, $3)', [
        vector(1),
        limit,
        least,
      ]);
    expect((await similar(2, 0)).map((row) => row.name)).toEqual(['Lisbon', 'Sintra']);
    expect((await similar(10, 0.99)).map((row) => row.name)).toEqual(['Lisbon']);
    expect(await similar(0, 0)).toEqual([]);
  });

  it('resolves find_destinations by the names of its arguments', async () => {
    expect(await connection.query("select name from find_destinations(named => 'LISBON')")).toEqual([
      { name: 'Lisbon' },
    ]);
    expect(
      await connection.query("select name from find_destinations(country => 'PT', min_population => 100000)"),
    ).toEqual([{ name: 'Lisbon' }]);
  });

  it('clones a trip into a private one of the caller, and refuses one that there is not', async () => {
    await connection.script(`
      insert into trips (owner_id, title, visibility, tags) values ('${ALICE}', 'There', 'public', '{a,b}');
      select set_config('request.jwt.claims', '{"sub":"${ALICE}"}', true);
    `);
    await connection.query("select clone_trip(id) from trips where title = 'There'");
    expect(await connection.query("select visibility, tags from trips where title = 'There (copy)'")).toEqual(
      [{ visibility: 'private', tags: ['a', 'b'] }],
    );
    expect(await sqlStateOf(connection, 'select clone_trip(gen_random_uuid())')).toBe('P0002');
  });

  it('keeps an index for every foreign key, led by its columns', async () => {
    expect(
      await connection.query(`
        select conrelid::regclass::text, conname from pg_constraint c
        where contype = 'f' and connamespace = 'public'::regnamespace and not exists (
          select from pg_index i
          where i.indrelid = c.conrelid and i.indpred is null and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey
        )`),
    ).toEqual([]);
  });

  it('has row level security, and a policy file, for every table', async () => {
    const tables = await connection.query<{ name: string; secured: boolean }>(
      `select relname::text as name, relrowsecurity as secured from pg_class
       where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
    );
    expect(tables.filter((table) => !table.secured)).toEqual([]);
    expect((await readdir('supabase/policies')).sort()).toEqual(
      tables.map((table) => `${table.name}.sql`).sort(),
    );
  });

  it('answers a search by similarity from the HNSW index', async () => {
    await connection.script('set local enable_seqscan = off; set local enable_sort = off');
    const plan = await connection.query(
      `explain select id from destinations order by embedding operator(extensions.<=>) '${vector(1)}' limit 5`,
    );
    expect(JSON.stringify(plan)).toContain('destinations_embedding_idx');
  });
}

describe('the domain, on the embedded database', () => {
  cases(() => openEmbeddedAdmin({ migrated: true }));
});

describeFullStack('the domain, on a server', () => {
  cases(async () => disposable(await openOwnedDatabase({ migrated: true })));
});
