import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  type Identity,
  type ServiceEvent,
  type TransactionHandle,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { FAR, FEW, FIRST_CLUSTER, MANY, NONE, OWNED_SQL, TENTH_CLUSTER } from './owned-vectors.ts';

/** Outside of transactions and inside. */
type Searching = Pick<DatabaseHandle, 'vectorSearch'>;

interface Answer {
  readonly rows: readonly { readonly id?: unknown; readonly similarity: number }[];
  readonly search: {
    readonly plan: string;
    readonly scanned: number | undefined;
    readonly recallClass: string;
  };
}

/** For the owner of that cluster. */
const NEAR = { vector: TENTH_CLUSTER };

describeFullStack('how a search is made', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: OWNED_SQL });
  });
  afterAll(() => database.drop());

  describe.each(['direct', 'session', 'transaction'] as const)('in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService;
    const events: ServiceEvent[] = [];
    beforeAll(() => {
      db = createDatabaseService({
        [mode]: database.user[mode],
        service: { [mode]: database.service[mode] },
        onEvent: (event) => events.push(event),
      });
    });
    afterAll(() => db.close({ drainMs: 1_000 }));

    const ask = async (of: Searching, table: string, options: object = {}) => {
      const answer = await of.vectorSearch(table, {
        vector: FIRST_CLUSTER,
        columns: ['id'],
        info: true,
        recall: 'fast',
        ...options,
      });
      return answer as Answer;
    };
    const search = (who: Identity, table: string, options: object = {}) => ask(db.as(who), table, options);
    const learned = () => events.splice(0).filter(({ type }) => type === 'search');

    /** What the answer must be, but for rows that are equally near. */
    async function nearest(who: Identity, table: string, limit = 10): Promise<readonly number[]> {
      const { rows } = await search(who, table, { recall: 'exact', limit });
      return rows.map(({ similarity }) => similarity);
    }

    it('compares all rows of a caller who sees few, after it has counted them', async () => {
      const { rows, search: how } = await search(FEW, 'docs');
      expect(rows.map(({ similarity }) => similarity)).toEqual(await nearest(FEW, 'docs'));
      expect(how).toMatchObject({ plan: 'exact', recallClass: 'exact' });
      expect(how.scanned).toBeGreaterThanOrEqual(120);
      expect(how.scanned).toBeLessThan(1_000);
      expect(learned()).toMatchObject([{ relation: 'public.docs', plan: 'exact', reason: 'few rows' }]);
      const second = await search(FEW, 'docs');
      expect(second).toMatchObject({ rows, search: { plan: 'exact', recallClass: 'exact', scanned: 120 } });
      expect(learned()).toEqual([]);
    });

    it('asks the index for a caller who sees many, and does not count them again', async () => {
      const first = await search(MANY, 'docs');
      expect(first.search).toMatchObject({ plan: 'index', recallClass: 'fast' });
      expect(learned()).toEqual([
        {
          type: 'search',
          relation: 'public.docs',
          role: 'authenticated',
          plan: 'index',
          reason: 'many rows',
        },
      ]);
      const second = await search(MANY, 'docs');
      expect(second.rows).toEqual(first.rows);
      expect(second.search.scanned).toBeLessThan(1_000);
      expect(learned()).toEqual([]);
    });

    it('compares all rows where those of the caller are far away, and knows that after a second try', async () => {
      const first = await search(FAR, 'shelves');
      expect(first.search).toMatchObject({ plan: 'index, then exact', recallClass: 'exact' });
      expect(first.rows.map(({ similarity }) => similarity)).toEqual(await nearest(FAR, 'shelves'));
      expect(learned()).toMatchObject([{ relation: 'public.shelves', plan: 'exact', reason: 'short' }]);
      const second = await search(FAR, 'shelves');
      expect(second.search).toMatchObject({ plan: 'index, then exact', recallClass: 'exact' });
      expect(second.rows).toEqual(first.rows);
      const third = await search(FAR, 'shelves');
      expect(third.search).toMatchObject({ plan: 'exact', recallClass: 'exact' });
      expect(third.rows).toEqual(first.rows);
    });

    it('asks the index again for what lies among the rows of the caller', async () => {
      const plans: string[] = [];
      for (let n = 0; n < 12; n++) plans.push((await search(FAR, 'shelves', NEAR)).search.plan);
      // Now and then, and each time once it did.
      expect(plans.slice(0, 9)).toContain('index');
      expect(plans.slice(9)).toEqual(['index', 'index', 'index']);
      expect(learned()).toEqual([]);
    });

    it('is not misled by an index that few rows of the caller are in, where no other finds them', async () => {
      const first = await search(FEW, 'loose', { limit: 200 });
      expect(first.rows).toHaveLength(120);
      expect(first.search).toMatchObject({ plan: 'index, then exact', recallClass: 'exact' });
      const second = await search(FEW, 'loose', { limit: 200 });
      expect(second.search.plan).toBe('exact');
      expect(second.rows).toEqual(first.rows);
      learned();
    });

    it('compares all rows of a table without an index, once it knows that there is none', async () => {
      await search(MANY, 'plain');
      const { rows, search: how } = await search(MANY, 'plain');
      expect(how).toMatchObject({ plan: 'exact', recallClass: 'exact' });
      expect(rows.map(({ similarity }) => similarity)).toEqual(await nearest(MANY, 'plain'));
      expect(learned()).toMatchObject([{ relation: 'public.plain', plan: 'exact', reason: 'costly' }]);
    });

    it('finds nothing for a caller who sees nothing', async () => {
      for (const table of ['docs', 'loose', 'plain']) {
        expect((await search(NONE, table)).rows).toEqual([]);
        expect((await search(NONE, table, { recall: 'balanced' })).rows).toEqual([]);
      }
      learned();
    });

    it('finds all rows above a threshold', async () => {
      const all = await search(MANY, 'docs', { recall: 'exact', limit: 2_000, similarityThreshold: 0.95 });
      const found = await search(MANY, 'docs', {
        recall: 'balanced',
        limit: 2_000,
        similarityThreshold: 0.95,
      });
      expect(all.rows.length).toBeGreaterThan(100);
      expect(found.rows.map(({ id }) => id).sort()).toEqual(all.rows.map(({ id }) => id).sort());
      learned();
    });

    // Transaction mode has no interactive transactions.
    if (mode !== 'transaction') {
      it('leaves the planner of a transaction as it was', async () => {
        const planner = (tx: TransactionHandle) =>
          tx.sql<{ jit: string; seqscan: string }>`
            select current_setting('jit') as jit, current_setting('enable_seqscan') as seqscan`;
        await db.as(FEW).transaction(async (tx) => {
          const before = await planner(tx);
          expect((await ask(tx, 'docs')).search.plan).toBe('exact');
          expect(await planner(tx)).toEqual(before);
        });
        learned();
      });
    }

    it('answers several searches of one batch as it answers each alone', async () => {
      const { build } = db.as(MANY);
      const options = { vector: FIRST_CLUSTER, columns: ['id'], info: true, recall: 'fast' } as const;
      const [found, count, shelves] = await db
        .as(MANY)
        .batch([
          build.vectorSearch('docs', options),
          build.count('docs'),
          build.vectorSearch('shelves', options),
        ]);
      expect(found).toMatchObject({ rows: (await search(MANY, 'docs')).rows });
      expect(count).toBe(7_080);
      expect(shelves).toMatchObject({ rows: [] });
      learned();
    });
  });

  describe.each(['direct', 'transaction'] as const)('of rows that become many, in %s mode', (mode) => {
    it('is noticed by the first search of them, and that they are few again', async () => {
      const own = await createTestDatabase({ sql: OWNED_SQL });
      const db = createDatabaseService({ [mode]: own.user[mode] });
      const me = db.as(FEW);
      const ask = async (options: object = { recall: 'fast' }) => {
        const asked = { vector: FIRST_CLUSTER, columns: ['id'], info: true, ...options } as const;
        const { rows, search } = (await me.vectorSearch('docs', asked)) as Answer;
        return { plan: search.plan, rows: rows.map(({ similarity }) => similarity) };
      };
      const truth = async () => (await ask({ exact: true })).rows;
      const settled = async () => {
        // What was learned holds for 256 searches at most.
        for (let n = 0; n <= 256; n++) await ask();
        return ask();
      };
      try {
        expect(await settled()).toEqual({ plan: 'exact', rows: await truth() });
        const sub = FEW.claims.sub;
        await own.query(`update docs set owner = '${sub}' where id % 10 < 6`);
        expect(await ask()).toEqual({ plan: 'exact', rows: await truth() });
        expect(await ask()).toMatchObject({ plan: 'index' });
        expect((await ask()).rows).toHaveLength(10);
        await own.query(
          `update docs set owner = '00000000-0000-4000-8000-000000000002' where owner = '${sub}' and id % 100 <> 0`,
        );
        expect(await settled()).toEqual({ plan: 'exact', rows: await truth() });
      } finally {
        await db.close({ drainMs: 1_000 });
        await own.drop();
      }
    }, 120_000);
  });
});
