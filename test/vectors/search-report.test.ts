import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabaseService, op, service } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const V = Array.from({ length: 32 }, (_, at) => Math.sin((at + 1) * 1.7));

describeFullStack('what a search tells of how it went', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `select setseed(0.42);
        create table one as
          select i as id, v.text::extensions.vector(32) as v
          from generate_series(1, 6000) as i
          cross join lateral (
            select '[' || string_agg((cos(i * n) + cos(i * 1.3 + n * n) + random())::text, ',') || ']' as text from generate_series(1, 32) as n
          ) as v;
        create table methods as table one;
        create table parts as table one;
        create table twice as table one;
        create table built as table one;
        create table parent (id int, v extensions.vector(32));
        create table child () inherits (parent);
        insert into child table one;
        insert into parent table one limit 50;
        create table short (id int primary key, v extensions.vector(2));
        insert into short values (1, '[0,0]'), (2, '[1,2]'), (3, null);
        create index on one using hnsw (v extensions.vector_cosine_ops);
        create index on methods using hnsw (v extensions.vector_cosine_ops);
        create index on methods using ivfflat (v extensions.vector_cosine_ops) with (lists = 40);
        create index on parts using hnsw (v extensions.vector_cosine_ops);
        create index on parts using hnsw (v extensions.vector_cosine_ops) where id < 4000;
        create index on twice using hnsw (v extensions.vector_cosine_ops);
        create index on twice using hnsw (v extensions.vector_cosine_ops) with (m = 24);
        create index built_v on built using hnsw (v extensions.vector_cosine_ops);
        create table listed (kind int, id int, v extensions.vector(32)) partition by list (kind);
        create table listed_once (like listed) partition by list (kind);
        create table listed_once_2 partition of listed_once for values in (2);
        insert into listed_once select 2, id, v from one;
        create index on listed_once using hnsw (v extensions.vector_cosine_ops);
        create table much_divided (like listed) partition by list (kind);
        do $$ begin
          for kind in 1..65 loop
            execute format('create table much_divided_%s partition of much_divided for values in (%s)', kind, kind);
            continue when kind > 5;
            execute format('create table listed_%s partition of listed for values in (%s)', kind, kind);
          end loop;
        end $$;
        insert into listed select 1 + id % 5, id, v from one;
        insert into much_divided select 1 + id % 65, id, v from one;
        create index on listed using hnsw (v extensions.vector_cosine_ops);
        create index on much_divided using hnsw (v extensions.vector_cosine_ops);
        analyze;
        grant select on all tables in schema public to service_role`,
    });
  });
  afterAll(() => database.drop());

  const open = () =>
    createDatabaseService({ direct: database.user.direct, service: { direct: database.service.direct } });
  const search = async (db: ReturnType<typeof open>, table: string, options: object = {}) => {
    const asked = { vector: V, columns: ['id'], info: true, ...options } as const;
    const of = db.as(service());
    const { rows: nearest } = await of.vectorSearch(table, { ...asked, recall: 'exact' });
    const { rows, search } = await of.vectorSearch(table, asked);
    const found = rows.filter(({ id }) => nearest.some((other) => other.id === id)).length;
    return { ...search, found };
  };

  it.each([
    ['one', {}],
    ['methods', {}],
    ['parts', { filters: { id: op.lt(4000) } }],
    ['twice', {}],
  ])('names the index of %s, whichever it is', async (table, options) => {
    await using db = open();
    const { plan, recallClass, scanned, found } = await search(db, table, options);
    expect({ plan, recallClass }).toEqual({ plan: 'index', recallClass: 'balanced' });
    expect(scanned).toBeGreaterThanOrEqual(10);
    expect(scanned).toBeLessThan(1_000);
    expect(found).toBeGreaterThanOrEqual(8);
  });

  it('takes no index that was built again for one that was not used', async () => {
    await using db = open();
    expect(await search(db, 'built')).toMatchObject({ plan: 'index' });
    await database.query('reindex index concurrently built_v');
    expect(await search(db, 'built')).toMatchObject({ plan: 'index', recallClass: 'balanced' });
  });

  it('finds nothing near to a row without a vector, or by the cosine without a direction', async () => {
    await using db = open();
    const near = (id: number, metric?: 'l2') =>
      db.as(service()).vectorSearch('short', { near: { id }, columns: ['id'], ...(metric && { metric }) });
    const missing = /'near' names no row of "short" that has a vector/;
    await expect(near(1)).rejects.toThrow(missing);
    await expect(near(3)).rejects.toThrow(missing);
    await expect(near(3, 'l2')).rejects.toThrow(missing);
    expect(await near(1, 'l2')).toMatchObject([{ id: 2 }]);
    expect(await near(2, 'l2')).toMatchObject([{ id: 1 }]);
  });

  it('counts what is read of all parts together', async () => {
    await using db = open();
    for (const recall of ['balanced', 'exact'] as const) {
      expect((await search(db, 'parent', { recall })).scanned).toBe(6_050);
    }
    const listed = { filters: { kind: 3 } };
    const found = await search(db, 'listed', listed);
    expect(found).toMatchObject({ plan: 'index', found: 10 });
    expect(found.scanned).toBeLessThan(1_000);
    // The second one does not count the rows first.
    expect(await search(db, 'listed', listed)).toMatchObject({ plan: 'index', scanned: 10 });
  });

  it.each([
    ['listed', 'of several'],
    ['listed_once', 'beside a single one'],
  ])('does not take the index of a part that is new for one that was not used: %s, %s', async (table) => {
    await using db = open();
    expect(await search(db, table, { filters: { kind: 2 } })).toMatchObject({ plan: 'index' });
    await database.query(`create table ${table}_new partition of ${table} for values in (9)`);
    await database.query(`insert into ${table} select 9, id, v from one`);
    expect(await search(db, table, { filters: { kind: 9 } })).toMatchObject({
      plan: 'index',
      recallClass: 'balanced',
    });
  });

  it('does not count what is read of too many parts', async () => {
    await using db = open();
    const found = await search(db, 'much_divided', { filters: { kind: 1 } });
    expect(found).toMatchObject({ scanned: undefined, found: 10 });
  });

  it('takes no index for unused where the server counts nothing', async () => {
    const admin = new pg.Client(database.adminUrl);
    await admin.connect();
    await admin.query(`alter database ${database.name} set track_counts = off`);
    try {
      await using db = open();
      expect(await search(db, 'one')).toMatchObject({
        plan: 'index',
        recallClass: 'balanced',
        scanned: undefined,
      });
    } finally {
      await admin.query(`alter database ${database.name} reset track_counts`);
      await admin.end();
    }
  });
});
