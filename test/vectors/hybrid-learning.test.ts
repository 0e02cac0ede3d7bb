import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  type Identity,
  type SearchInfo,
  type ServiceEvent,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { FAR, FEW, FIRST_CLUSTER, MANY, NONE, OWNED_SQL, TENTH_CLUSTER } from './owned-vectors.ts';

/** Outside of transactions and inside. */
type Searching = Pick<DatabaseHandle, 'hybridSearch'>;

interface Answer {
  readonly rows: readonly {
    readonly id: number;
    readonly score: number;
    readonly similarity: number | null;
  }[];
  readonly search: SearchInfo;
}

/** The word is in each title, so that the text reads all rows of the caller. */
const ASKED = { text: 'title', textColumn: 'title', vector: FIRST_CLUSTER, columns: ['id'], info: true };
/** So few candidates that 3,000 rows are not few. */
const SMALL = { candidates: 10, limit: 10 };
/** Leaves fewer rows than the 100 candidates. */
const NARROW = { similarityThreshold: 0.985 };
/** Leaves more. */
const WIDE = { similarityThreshold: 0.5 };
const BY_VECTOR = { weights: { text: 0 } };

describeFullStack('what hybrid searches learn', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: OWNED_SQL });
    await database.query('alter table loose add primary key (id); alter table plain add primary key (id)');
  });
  afterAll(() => database.drop());

  describe.each(['direct', 'session', 'transaction'] as const)('in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService;
    const events: ServiceEvent[] = [];
    beforeAll(() => {
      db = createDatabaseService({
        [mode]: database.user[mode],
        service: { [mode]: database.service[mode] },
        metrics: true,
        onEvent: (event) => events.push(event),
      });
    });
    afterAll(() => db.close({ drainMs: 1_000 }));

    // The options of all cases in one type, so that the types of an answer do not follow.
    const ask = async (of: Searching, table: string, options: object = {}) =>
      (await of.hybridSearch(table, { ...ASKED, ...options } as never)) as unknown as Answer;
    const search = (who: Identity, table: string, options: object = {}) => ask(db.as(who), table, options);
    const learned = () => events.splice(0).filter(({ type }) => type === 'search');

    it('compares all rows of a caller who sees few, after they were counted once', async () => {
      const first = await search(FEW, 'docs');
      expect(first.search).toMatchObject({ plan: 'exact', recallClass: 'exact' });
      expect(learned()).toEqual([
        {
          ...{ type: 'search', relation: 'public.docs', role: 'authenticated' },
          ...{ plan: 'exact', reason: 'few rows' },
        },
      ]);
      const second = await search(FEW, 'docs', { vector: TENTH_CLUSTER, text: '"title 300"' });
      expect(second.search).toEqual({ plan: 'exact', scanned: 120, recallClass: 'exact' });
      expect(await search(FEW, 'docs')).toMatchObject({ rows: first.rows });
      expect(learned()).toEqual([]);
    });

    it('asks the index for a caller who sees many, and does not take for its cost what the text reads', async () => {
      const first = await search(MANY, 'docs');
      expect(first.search).toMatchObject({ plan: 'index', recallClass: 'balanced' });
      expect(learned()).toMatchObject([{ plan: 'index', reason: 'many rows' }]);
      const second = await search(MANY, 'docs');
      expect(second.search.plan).toBe('index');
      // The text has read 7,080.
      expect(second.search.scanned).toBeLessThan(2_000);
      expect(second.rows).toEqual(first.rows);
      expect(learned()).toEqual([]);
    });

    it('compares all rows at once where a threshold leaves few, after two that found this out', async () => {
      const truth = await search(MANY, 'docs', { ...NARROW, recall: 'exact' });
      expect(truth.search).toMatchObject({ plan: 'exact', recallClass: 'exact' });
      expect(learned()).toEqual([]);
      const plans: string[] = [];
      for (let n = 0; n < 4; n++) {
        const { rows, search: how } = await search(MANY, 'docs', NARROW);
        expect(rows).toEqual(truth.rows);
        expect(how.recallClass).toBe('exact');
        plans.push(how.plan);
      }
      expect(plans[0]).toBe('index, then exact');
      expect(plans.slice(2)).toEqual(['exact', 'exact']);
      expect(learned()).toMatchObject([{ plan: 'exact', reason: 'short' }]);
    });

    it('does not judge one threshold by another', async () => {
      for (let n = 0; n < 3; n++) await search(MANY, 'docs', NARROW);
      expect((await search(MANY, 'docs', WIDE)).search.plan).toBe('index');
      expect((await search(MANY, 'docs')).search.plan).toBe('index');
      learned();
    });

    it('does not miss what lies beyond a threshold where it is to be fast', async () => {
      for (let n = 0; n < 3; n++) {
        const { search: how } = await search(MANY, 'docs', { ...NARROW, recall: 'fast' });
        expect(how).toMatchObject({ plan: 'index', recallClass: 'fast' });
      }
      learned();
    });

    it('compares all rows where those of the caller lie apart, after a second try', async () => {
      const truth = await search(FAR, 'shelves', { ...SMALL, recall: 'exact' });
      const plans: string[] = [];
      for (let n = 0; n < 3; n++) {
        const { rows, search: how } = await search(FAR, 'shelves', SMALL);
        expect(rows).toEqual(truth.rows);
        plans.push(how.plan);
      }
      expect(plans).toEqual(['index, then exact', 'index, then exact', 'exact']);
      expect(learned()).toMatchObject([{ relation: 'public.shelves', plan: 'exact', reason: 'short' }]);
    });

    it('asks the index again for what lies among the rows of the caller', async () => {
      const plans: string[] = [];
      const near = { ...SMALL, ...BY_VECTOR, vector: TENTH_CLUSTER };
      for (let n = 0; n < 12; n++) plans.push((await search(FAR, 'shelves', near)).search.plan);
      expect(plans.slice(0, 9)).toContain('index');
      expect(plans.slice(9)).toEqual(['index', 'index', 'index']);
      learned();
    });

    it('learns nothing of a list that is not searched', async () => {
      for (const [who, table] of [
        [FEW, 'docs'],
        [MANY, 'docs'],
        [FAR, 'shelves'],
        [NONE, 'shelves'],
      ] as const) {
        const { rows, search: how } = await search(who, table, { weights: { vector: 0 }, candidates: 77 });
        expect(rows).toHaveLength(who === NONE ? 0 : 10);
        expect(how).toEqual({ plan: 'exact', scanned: undefined, recallClass: 'exact' });
      }
      expect(learned()).toEqual([]);
    });

    it('tells how it went also where nothing is found', async () => {
      for (const table of ['docs', 'loose', 'plain']) {
        const { rows, search: how } = await search(NONE, table);
        expect(rows).toEqual([]);
        expect(how.recallClass).toBe('exact');
      }
      learned();
    });

    it('tells what was learned in metrics too', async () => {
      const { body } = await db.metrics();
      expect(body).toMatch(/cdb_search_changes_total\{[^}]*reason="few rows"[^}]*\} [1-9]/);
    });

    it('answers in a batch as alone, each with what it was asked for', async () => {
      const handle = db.as(MANY);
      const { info: _, ...plain } = ASKED;
      const alone = await ask(handle, 'docs');
      const [told, count, rows] = (await handle.batch([
        handle.build.hybridSearch('docs', ASKED as never),
        handle.build.count('docs'),
        handle.build.hybridSearch('docs', plain as never),
      ])) as readonly unknown[];
      expect(told).toEqual(alone);
      expect(count).toBe(7_080);
      expect(rows).toEqual(alone.rows);
      learned();
    });

    // Transaction mode has no interactive transactions.
    if (mode !== 'transaction') {
      it('answers in a transaction as outside', async () => {
        const alone = await search(FEW, 'docs');
        await db.as(FEW).transaction(async (tx) => {
          expect(await ask(tx, 'docs')).toEqual(alone);
          expect((await ask(tx, 'docs', BY_VECTOR)).search.plan).toBe('exact');
        });
        learned();
      });
    }
  });
});
