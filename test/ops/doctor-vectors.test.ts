import { expect, it } from 'vitest';
import { examine } from '../../src/ops/doctor.ts';
import { examineVectorTenants } from '../../src/ops/doctor-vector-tenants.ts';
import { examineVectors } from '../../src/ops/doctor-vectors.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { type OwnedDatabase, openAdmin, openOwnedDatabase } from './full-stack-admin.ts';
import { runCdb } from './run-cdb.ts';

/** So that a few small rows do. */
const SIZES = { large: 100, huge: 200 };

const rows = (table: string, many: number, values = `'[1,2,3]'`) =>
  `insert into ${table} select n, n % 4, ${values} from generate_series(1, ${many}) n; analyze ${table};`;

/** What a login without any right on the tables is told, without the check, which is always the same. */
async function told({ database }: OwnedDatabase, sizes = SIZES, schemas = ['public']) {
  const login = await openAdmin(database.user.direct);
  try {
    const reports = await examineVectors(login, schemas, sizes);
    expect(new Set(reports.map(({ check }) => check))).toEqual(
      new Set(reports.length > 0 ? ['vector search'] : []),
    );
    return reports.map(({ level, message, advice }) => ({ level, message, advice: advice ?? '' }));
  } finally {
    await login.close();
  }
}

/** Does what the advice says, statement by statement. */
async function follow({ owner }: OwnedDatabase, advice: string): Promise<void> {
  for (const [statement] of advice.matchAll(/\b(?:create index|alter index|reindex index)\b[^;]*;/g))
    await owner.query(statement);
}

describeFullStack('what doctor finds about vectors', () => {
  it('is nothing without a column of vectors, and that nothing is to change where all is well', async () => {
    await using plain = await openOwnedDatabase({ sql: 'create table notes (id int)' });
    expect(await told(plain)).toEqual([]);
    await using migrated = await openOwnedDatabase({ migrated: true });
    expect(await told(migrated)).toEqual([
      { level: 'ok', message: 'Nothing to change for public.destinations, public.trips', advice: '' },
    ]);
  });

  it('is a column without an index, in a table that is large enough, and what to do helps', async () => {
    await using owned = await openOwnedDatabase({
      sql: `
        create table small (id int, tenant int, embedding extensions.vector(3)); ${rows('small', 99)}
        create table "Odd ""one" (id int, tenant int, "the Vector" extensions.halfvec(3)); ${rows('"Odd ""one"', 100)}
        create materialized view seen as select * from "Odd ""one"; analyze seen;
        create table never (id int, tenant int, embedding extensions.vector(3));
        insert into never select n, n, '[1,2,3]' from generate_series(1, 300) n;`,
    });
    const found = await told(owned);
    expect(found).toEqual([
      {
        level: 'warning',
        message: 'public.Odd "one has 100 rows and no index on "the Vector": every search reads all of them',
        advice: `create index concurrently on "public"."Odd ""one" using hnsw ("the Vector" "extensions".halfvec_cosine_ops);`,
      },
      expect.objectContaining({
        level: 'warning',
        message: expect.stringMatching(/^public\.seen has 100 rows/),
      }),
    ]);
    for (const { advice } of found) await follow(owned, advice);
    expect(await told(owned)).toMatchObject([{ level: 'ok' }]);
  });

  it.each([
    ['vector', 2_001, 'halfvec(2001)'],
    ['halfvec', 4_001, 'bit(4001)'],
    ['vector', 4_001, 'bit(4001)'],
  ])('advises an index that takes a %s of %d dimensions', async (type, dimensions, part) => {
    const value = `('[' || repeat('1,', ${dimensions - 1}) || '1]')::extensions.${type}`;
    await using owned = await openOwnedDatabase({
      sql: `create table notes (id int, tenant int, v extensions.${type}(${dimensions})); ${rows('notes', 100, value)}`,
    });
    const [found] = await told(owned);
    expect(found?.advice).toContain(part);
    await follow(owned, found?.advice ?? '');
    expect(await told(owned)).toMatchObject([{ level: 'ok' }]);
  });

  it('is a column of any dimensions, which no index takes', async () => {
    await using owned = await openOwnedDatabase({
      sql: `create table notes (id int, tenant int, v extensions.vector); ${rows('notes', 100)}`,
    });
    expect(await told(owned)).toMatchObject([
      {
        level: 'warning',
        advice: expect.stringContaining(
          'alter table "public"."notes" alter column "v" type "extensions".vector(…);',
        ),
      },
    ]);
  });

  it('is that no index serves the default metric, and which metrics are served', async () => {
    await using owned = await openOwnedDatabase({
      sql: `
        create table notes (id int, tenant int, v extensions.vector(3)); ${rows('notes', 100)}
        create index on notes using hnsw (v extensions.vector_l2_ops);
        create index on notes using ivfflat (v extensions.vector_ip_ops) with (lists = 1);
        create table quantized (id int, tenant int, v extensions.vector(3)); ${rows('quantized', 100)}
        create index on quantized using hnsw ((extensions.binary_quantize(v)::bit(3)) extensions.bit_hamming_ops);`,
    });
    const found = await told(owned);
    expect(found).toMatchObject([
      {
        level: 'info',
        message:
          'public.notes has 100 rows, and no index on "v" serves cosine, the default metric: hnsw serves l2, ivfflat serves innerProduct. An index serves only its own metric',
      },
    ]);
    await follow(owned, found[0]?.advice ?? '');
    expect(await told(owned)).toMatchObject([{ level: 'ok' }]);
  });

  it('is a column that policies read and no index leads', async () => {
    await using owned = await openOwnedDatabase({
      sql: `
        create table notes (id int primary key, "Tenant" int, v extensions.vector(3), owner int, hidden bool, tags text[]);
        insert into notes select n, n % 4, '[1,2,3]', n % 3, false from generate_series(1, 100) n; analyze notes;
        create index on notes using hnsw (v extensions.vector_cosine_ops);
        alter table notes enable row level security;
        create policy own on notes for select to authenticated using ("Tenant" = 1 and not hidden and tags is null and id > 0);
        create policy writing on notes for update to authenticated using (owner = 1);`,
    });
    const found = await told(owned);
    expect(found).toEqual([
      {
        level: 'warning',
        message:
          'public.notes has 100 rows, and its policies for reading name "Tenant", which leads no index: a search looks through rows that its caller may not see',
        advice: expect.stringContaining('create index concurrently on "public"."notes" ("Tenant");'),
      },
    ]);
    await follow(owned, found[0]?.advice ?? '');
    expect(await told(owned)).toMatchObject([{ level: 'ok' }]);
    await owned.owner.script('create policy theirs on notes for select to authenticated using (owner = 2)');
    expect(await told(owned)).toMatchObject([{ level: 'info', message: expect.stringContaining('"owner"') }]);
  });

  it('is the same of a partitioned table, but for the column by which it is', async () => {
    await using owned = await openOwnedDatabase({
      sql: `
        create table notes (id int, tenant int, v extensions.vector(3), owner int) partition by list (tenant);
        create table notes_0 partition of notes for values in (0, 1); create table notes_1 partition of notes default;
        insert into notes select n, n % 4, '[1,2,3]', n % 3 from generate_series(1, 120) n; analyze notes;
        alter table notes enable row level security;
        create policy own on notes for select to authenticated using (tenant = 1);`,
    });
    const found = await told(owned);
    expect(found).toMatchObject([
      {
        level: 'warning',
        advice: 'create index on "public"."notes" using hnsw ("v" "extensions".vector_cosine_ops);',
      },
    ]);
    await follow(owned, found[0]?.advice ?? '');
    expect(await told(owned)).toMatchObject([{ level: 'ok' }]);
    await owned.owner.script('create policy mine on notes for select to anon using (owner = 1)');
    const [policy] = await told(owned);
    expect(policy).toMatchObject({ level: 'warning', message: expect.stringContaining('"owner"') });
    await follow(owned, policy?.advice ?? '');
    expect(await told(owned)).toMatchObject([{ level: 'ok' }]);
  });

  it('is an index of a graph that is thin for its table, or cannot be built again', async () => {
    await using owned = await openOwnedDatabase({
      sql: `
        create table notes (id int, tenant int, v extensions.vector(3)); ${rows('notes', 200)}
        create index thin on notes using hnsw (v extensions.vector_cosine_ops) with (m = 8, ef_construction = 80);
        create index hasty on notes using hnsw (v extensions.vector_l2_ops) with (ef_construction = 32);
        create index fine on notes using hnsw (v extensions.vector_ip_ops) with (m = 16, ef_construction = 64);
        create index part on notes using hnsw (v extensions.vector_l1_ops) with (m = 4, ef_construction = 8) where tenant = 1;
        create index stuck on notes using hnsw (v extensions.vector_cosine_ops);
        alter index stuck set (m = 40);`,
    });
    const found = await told(owned);
    expect(found).toEqual([
      {
        level: 'warning',
        message:
          'public.hasty has m = 16 and ef_construction = 32 for 200 rows: its graph is too thin, and searches miss neighbours',
        advice:
          'alter index public.hasty set (m = 16, ef_construction = 64); reindex index concurrently public.hasty;',
      },
      expect.objectContaining({ message: expect.stringMatching(/^public\.stuck .* builds no index/) }),
      expect.objectContaining({
        message: expect.stringMatching(/^public\.thin /),
        advice: expect.stringContaining('m = 16, ef_construction = 80'),
      }),
    ]);
    await expect(owned.owner.query('reindex index stuck')).rejects.toThrow();
    for (const { advice } of found) await follow(owned, advice);
    expect(await told(owned)).toMatchObject([{ level: 'ok' }]);
    expect(await told(owned, { large: 100, huge: 201 })).toMatchObject([{ level: 'ok' }]);
  });

  it('is an index with far fewer or more lists than its rows ask for', async () => {
    await using owned = await openOwnedDatabase({
      sql: `
        create table notes (id int, tenant int, v extensions.vector(3)); ${rows('notes', 10_000)}
        create index many on notes using ivfflat (v extensions.vector_cosine_ops);
        create index few on notes using ivfflat (v extensions.vector_l2_ops) with (lists = 2);
        create index near on notes using ivfflat (v extensions.vector_ip_ops) with (lists = 40);`,
    });
    const found = await told(owned, { large: 10_000, huge: 20_000 });
    expect(found).toEqual([
      {
        level: 'warning',
        message: 'public.few has 2 lists for 10,000 rows: each of them holds too many rows',
        advice:
          'alter index public.few set (lists = 10); reindex index concurrently public.few; For that many lists about 3 probes find most neighbours.',
      },
      expect.objectContaining({
        message: 'public.many has 100 lists for 10,000 rows: neighbours are spread over too many of them',
      }),
    ]);
    for (const { advice } of found) await follow(owned, advice);
    expect(await told(owned, { large: 10_000, huge: 20_000 })).toMatchObject([{ level: 'ok' }]);
    expect(await told(owned, { large: 10_001, huge: 20_000 })).toMatchObject([{ level: 'ok' }]);
  });

  it('is a table whose policies divide it into few parts, told by the login of the service', async () => {
    await using owned = await openOwnedDatabase({
      sql: `
        create table notes (id int primary key, tenant int, v extensions.vector(3)); ${rows('notes', 200)}
        grant select on notes to authenticated, service_role;
        alter table notes enable row level security;
        create policy own on notes for select to authenticated using (tenant = 1 and id > 0);
        create table parts (id int, tenant int, v extensions.vector(3)) partition by list (tenant);
        create table parts_0 partition of parts default; ${rows('parts', 200)}
        grant select on parts to service_role;
        alter table parts enable row level security;
        create policy own on parts for select to authenticated using (tenant = 1);`,
    });
    for (const mode of ['direct', 'transaction'] as const) {
      const login = await openAdmin(owned.database.service[mode]);
      try {
        expect(await examineVectorTenants(login, ['public'], SIZES)).toEqual([
          {
            level: 'info',
            check: 'vector search',
            message:
              'public.notes has 200 rows, and its policies for reading name "tenant", which has about 4 values, of 50 rows each. One index holds the rows of all, so that a search passes by those of others; partitions by "tenant", or a partial index for each value, hold only those that it may return',
            advice: expect.stringContaining('Partition public.notes by list ("tenant")'),
          },
        ]);
        expect(await examineVectorTenants(login, ['public'], { large: 100, huge: 201 })).toEqual([]);
        const [row] = await login.query<{ role: string }>('select current_user::text as role');
        expect(row?.role).toBe(login.user);
      } finally {
        await login.close();
      }
    }
    const user = await openAdmin(owned.database.user.direct);
    try {
      await expect(examineVectorTenants(user, ['public'], SIZES)).rejects.toMatchObject({
        sqlState: '42501',
      });
      await user.script('set role authenticated');
      const readable = `select has_table_privilege('notes', 'select') as readable`;
      expect(await user.query(readable)).toEqual([{ readable: true }]);
      expect(await user.query(`select from pg_stats where tablename = 'notes'`)).toEqual([]);
    } finally {
      await user.close();
    }
  });

  it('is an index that could hold the vectors, where policies leave each caller many rows', async () => {
    const owned_by = (table: string, columns: string, policy = 'tenant = 1') => `
      create table ${table} (id int primary key, tenant int, ${columns}); ${rows(table, 6_000)}
      create index ${table}_tenant on ${table} (tenant);
      grant select on ${table} to service_role;
      alter table ${table} enable row level security;
      create policy own on ${table} for select to authenticated using (${policy});`;
    await using owned = await openOwnedDatabase({
      sql: `
        ${owned_by('notes', 'v extensions.vector(3), "Half" extensions.halfvec(3)', 'tenant = 1 and id > 0')}
        ${owned_by('fitting', 'v extensions.halfvec(1246)').replace(`'[1,2,3]'`, 'null')}
        ${owned_by('wide', 'v extensions.vector(624)').replace(`'[1,2,3]'`, 'null')}
        ${owned_by('open', 'v extensions.vector')}
        ${owned_by('keyless', 'v extensions.vector(3)').replace('primary key', '')}
        ${owned_by('split', 'v extensions.vector(3)')} create table split_more () inherits (split);
        ${owned_by('loose', 'v extensions.vector(3)')} drop index loose_tenant;
        ${owned_by('unowned', 'v extensions.vector(3)').replace('n % 4', 'n % 7')}
        ${owned_by('held', 'v extensions.vector(3)')} create index on held (tenant) include (v, id);
        ${owned_by('flagged', 'flag bool, v extensions.vector(3)', 'flag').replace('select n, n % 4,', 'select n, n % 4, false,')}
        create index on flagged (flag);
        update fitting set v = array_fill(1, array[1246])::extensions.halfvec where id < 9;`,
    });
    const login = await openAdmin(owned.database.service.direct);
    const sizes = { large: 6_000, huge: 100_000 };
    const names = async () =>
      (await examineVectorTenants(login, ['public'], sizes)).map(({ advice }) => advice ?? '');
    try {
      const found = await examineVectorTenants(login, ['public'], sizes);
      expect(found.slice(0, -1).map(({ advice }) => advice?.slice(0, 90))).toEqual([
        'create index concurrently on "public"."notes" ("tenant") include ("id", "v"); It holds a s',
        'create index concurrently on "public"."notes" ("tenant") include ("id", "Half"); It holds ',
      ]);
      expect(found.at(-1)).toEqual({
        level: 'info',
        check: 'vector search',
        message:
          'public.fitting has 6,000 rows, about 1,500 rows for each value of "tenant", which its policies for reading name. Where all of a caller are compared, they are read from as many pages as they are scattered over; an index that holds "v" too has them together',
        advice:
          'create index concurrently on "public"."fitting" ("tenant") include ("id", "v"); It holds a second copy of the vectors, about 15 MB, and makes writes slower. Columns that searches filter by must be in it too.',
      });
      for (const advice of await names()) await follow(owned, advice);
      expect(await names()).toEqual([]);
      expect(await examineVectorTenants(login, ['public'], { large: 6_001, huge: 6_001 })).toEqual([]);
    } finally {
      await login.close();
    }
  });

  it('is part of what it checks, with sizes of real tables', async () => {
    await using owned = await openOwnedDatabase({
      sql: `
        create table below (id int, tenant int, v extensions.vector(1)); ${rows('below', 9_000, `'[1]'`)}
        create table notes (id int, tenant int, v extensions.vector(1)); ${rows('notes', 100_000, `'[1]'`)}
        grant select on notes to service_role;
        alter table notes enable row level security;
        create policy own on notes for select to authenticated using (tenant = 1);`,
    });
    const { user, service } = owned.database;
    const findings = (await examine({ user, service })).filter(({ check }) => check === 'vector search');
    expect(findings).toMatchObject([
      { level: 'warning', where: 'database', message: expect.stringContaining('no index on "v"') },
      {
        level: 'warning',
        where: 'database',
        message: expect.stringContaining('"tenant", which leads no index'),
      },
      { level: 'info', where: 'database', message: expect.stringContaining('about 4 values') },
    ]);
    const environment = { CDB_DIRECT_URL: user.direct, CDB_SERVICE_DIRECT_URL: service.direct };
    const json = await runCdb(['doctor', '--json'], environment);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout).findings).toEqual(expect.arrayContaining(findings));
    const printed = await runCdb(['doctor'], environment);
    expect(printed.stdout).toContain(`- database: ${findings[0]?.message}.\n  ${findings[0]?.advice}`);
  });
});
