import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  op,
  service,
  type TransactionHandle,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const V = Array.from({ length: 16 }, () => 0.5);
const OTHER = `[${V.map((_, at) => at % 2)}]`;
const NEAREST = 'v operator(extensions.<->) other::extensions.vector';

describeFullStack('the settings of a search', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      // An index of such parameters names rows out of order wherever it may.
      sql: `select setseed(0.42);
        create table places as
          select i as id, v.text::extensions.vector(16) as v, null::date as day
          from generate_series(1, 6000) as i
          cross join lateral (
            select '[' || string_agg((random() + 0 * i * n)::text, ',') || ']' as text from generate_series(1, 16) as n
          ) as v;
        create index on places using hnsw (v extensions.vector_l2_ops) with (m = 4, ef_construction = 8);
        create table lists as table places;
        create index on lists using ivfflat (v extensions.vector_l2_ops) with (lists = 100);
        analyze;
        create function distances(other text) returns setof float8 language sql volatile
          as 'select ${NEAREST} from places order by ${NEAREST} limit 200';
        create function distances_by_lists(other text) returns setof float8 language sql volatile
          as 'select ${NEAREST} from lists order by ${NEAREST} limit 2000';
        create view planner as
          select name, setting from pg_settings
          where name in ('jit', 'enable_seqscan', 'enable_sort', 'plan_cache_mode') or name ~ '^(hnsw|ivfflat)[.]'
          order by name;
        create table days (id int primary key, day date);
        grant all on places, lists, planner, days to service_role`,
    });
  });
  afterAll(() => database.drop());

  describe.each(['direct', 'session', 'transaction'] as const)('in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService;
    beforeAll(() => {
      db = createDatabaseService({
        [mode]: database.user[mode],
        service: { [mode]: database.service[mode] },
      });
    });
    afterAll(() => db.close({ drainMs: 1_000 }));

    const isSorted = (distances: readonly number[]) =>
      distances.every((distance, at) => at === 0 || distance >= distances[at - 1]!);
    const several = { limit: 300, metric: 'l2', columns: ['id'] } as const;
    const asked = { ...several, vector: V };

    it.each([
      ['places', 'distances'],
      ['lists', 'distances_by_lists'],
    ])('leave a function of the same batch that searches %s its order', async (table, name) => {
      const of = db.as(service());
      const search = of.build.vectorSearch(table, { ...asked, efSearch: 10 });
      const [found, distances] = await of.batch([search, of.build.rpc(name, { other: OTHER })]);
      expect(found).toHaveLength(300);
      expect(distances).not.toEqual([]);
      expect(isSorted(distances as number[])).toBe(true);
    });

    it('hold for the search alone in a batch, which is made there as it is alone', async () => {
      const of = db.as(service());
      const search = { ...asked, limit: 10, info: true } as const;
      // Loads the library, and what is learned.
      for (let n = 0; n < 2; n++) await of.vectorSearch('places', search);
      const alone = await of.vectorSearch('places', search);
      expect(alone.search.plan).toBe('index');
      const planner = of.build.select('planner');
      const [before, first, between, second, after] = await of.batch([
        planner,
        of.build.vectorSearch('places', search),
        planner,
        of.build.vectorSearch('lists', search),
        planner,
      ]);
      expect(before.length).toBeGreaterThan(8);
      expect(between).toEqual(before);
      expect(after).toEqual(before);
      expect(first).toEqual(alone);
      expect(second).toEqual(await of.vectorSearch('lists', search));
    });

    it('leave out nothing of what is told of a value that the server refuses', async () => {
      const of = db.as(service());
      const [search, wrong] = [of.build.vectorSearch('places', asked), { id: 1, day: '2024-31-12x' }];
      await expect(of.batch([search, of.build.insert('days', wrong)])).rejects.toMatchObject({
        field: 'day',
      });
      await expect(of.batch([of.build.insert('days', wrong), search])).rejects.toMatchObject({
        field: 'day',
      });
    });

    it('leave out nothing of it where the search is made otherwise by then', async () => {
      const of = db.as(service());
      const wrong = of.build.insert('days', { id: 1, day: '2024-31-12x' });
      const search = { ...asked, filters: { id: op.lt(250) } } as const;
      // What is learned holds for so many searches, so that one of them is the last.
      for (let n = 0; n < 40; n++) {
        await of.vectorSearch('places', search);
        await expect(of.batch([of.build.vectorSearch('places', search), wrong])).rejects.toMatchObject({
          field: 'day',
        });
      }
    });

    // Transaction mode has no interactive transactions.
    if (mode !== 'transaction') {
      it('hold for what is explained, in a transaction too, and for each of several vectors', async () => {
        const of = db.as(service());
        const sorting = (plans: string) =>
          plans.split('\n\n').map((plan) => /cost=1\d{10}|Disabled: true/.test(plan));
        const search = of.build.vectorSearch('places', { ...asked, limit: 10 });
        expect(sorting(await of.explain(search))).toEqual([true]);
        await of.transaction(async (tx) => {
          // Loads the library.
          await tx.rpc('distances', { other: OTHER });
          const planner = await tx.select('planner');
          expect(sorting(await tx.explain(search))).toEqual([true]);
          expect(await tx.select('planner')).toEqual(planner);
        });
        const few = { ...several, filters: { id: op.lt(240) } } as const;
        await of.vectorSearch('places', { ...few, vector: V });
        // The first are made by what is learned, which is then to be asked anew.
        const vectors = Array.from({ length: 40 }, () => V);
        const plans = sorting(await of.explain(of.build.vectorSearch('places', { ...few, vectors })));
        expect(new Set(plans)).toEqual(new Set([false, true]));
        const wrong = { ...asked, filters: { day: '2024-31-12x' } } as const;
        await expect(of.explain(of.build.vectorSearch('places', wrong))).rejects.toMatchObject({
          field: 'day',
        });
      });

      it('are put back behind it in a transaction', async () => {
        await db.as(service()).transaction(async (tx) => {
          const settings = () => tx.sql<{ name: string; setting: string }>`
            select name, setting from pg_settings
            where name ~ '^(hnsw|ivfflat)[.]' or name in ('jit', 'enable_seqscan', 'enable_sort', 'plan_cache_mode') order by name`;
          // Loads the library.
          await tx.rpc('distances', { other: OTHER });
          await tx.sql`select set_config('hnsw.ef_search', '77', true), set_config('ivfflat.probes', '5', true)`;
          const before = await settings();
          expect(before.length).toBeGreaterThan(8);
          const caught = async (inner: TransactionHandle) => {
            await inner.vectorSearch('places', asked);
            throw new Error('undone');
          };
          for (const table of ['places', 'lists']) {
            await tx.vectorSearch(table, { ...asked, efSearch: 10 });
            expect(await settings()).toEqual(before);
            await tx.vectorSearch(table, { ...several, vectors: [V, V] });
            const [, , seen] = await tx.batch([
              tx.build.vectorSearch(table, asked),
              tx.build.count(table),
              tx.build.select('planner'),
            ]);
            expect(seen).toEqual(before);
            expect(await settings()).toEqual(before);
          }
          await expect(tx.transaction(caught)).rejects.toThrow('undone');
          expect(await settings()).toEqual(before);
          const distances = await tx.rpc('distances', { other: OTHER });
          expect(isSorted(distances as number[])).toBe(true);
        });
      });
    }
  });
});
