import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  type Identity,
  op,
  type SearchInfo,
  type ServiceEvent,
  service,
} from '../../src/index.ts';
import { SEED } from '../isolation/seed.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
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
    await database.query('grant select on docs to service_role');
  });
  afterAll(() => database.drop());

  // The options of all cases in one type, so that the type of an answer does not follow.
  const ask = async (of: Searching, table: string, options: object = {}) =>
    (await of.hybridSearch(table, { ...ASKED, ...options } as never)) as unknown as Answer;

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

  const open = (options: object = {}) =>
    createDatabaseService({
      direct: database.user.direct,
      service: { direct: database.service.direct },
      ...options,
    });

  it('hold for what is asked alike by the same caller, and for nothing else', async () => {
    const events: ServiceEvent[] = [];
    await using db = open({ onEvent: (event: ServiceEvent) => events.push(event) });
    const learned = () => events.splice(0).filter(({ type }) => type === 'search').length;
    const filters = { kind: op.lt(6) };
    const kinds: readonly (readonly [Identity, object])[] = [
      [FEW, {}],
      [MANY, {}],
      [service(), {}],
      [FEW, { filters }],
      [FEW, { filters: { kind: op.lt(5) } }],
      [FEW, { filters: { id: op.lt(6) } }],
      [FEW, { candidates: 300 }],
      [FEW, { metric: 'l2' }],
      [FEW, { recall: 'fast' }],
      [FEW, { similarityThreshold: 0.1 }],
      [FEW, { similarityThreshold: 0.2 }],
    ];
    for (const [who, options] of kinds) {
      await ask(db.as(who), 'docs', options);
      expect([options, learned()]).toEqual([options, 1]);
    }
    // A search by a vector alone is made otherwise.
    await db.as(FEW).vectorSearch('docs', { vector: FIRST_CLUSTER, columns: ['id'], limit: 100 });
    expect(learned()).toBe(1);
    const alike: readonly object[] = [
      { text: '"title 5" or none' },
      { vector: TENTH_CLUSTER },
      { limit: 50 },
      { candidates: 90 },
      { columns: ['id', 'title'] },
      { weights: { text: 3, vector: 0.5 } },
      { weights: { text: 0 } },
      { rankConstant: 1 },
      { filters, vector: TENTH_CLUSTER },
      { similarityThreshold: 0.1004 },
    ];
    for (const options of alike) await ask(db.as(FEW), 'docs', options);
    expect(learned()).toBe(0);
  });

  it('is nothing where a filter is longer than what is kept', async () => {
    const events: ServiceEvent[] = [];
    await using db = open({ onEvent: (event: ServiceEvent) => events.push(event) });
    const filters = { title: op.neq('x'.repeat(300)) };
    for (let n = 0; n < 3; n++) await ask(db.as(FEW), 'docs', { filters });
    expect(events.filter(({ type }) => type === 'search')).toEqual([]);
  });

  it('takes one round trip, whatever is learned', async () => {
    const url = database.user.direct;
    const proxy = new FaultyProxy({ upstream: readConnectionUrl(url).address });
    const db = createDatabaseService({
      direct: throughAddress(url, await proxy.start()),
      pools: { direct: { max: 1 } },
    });
    onTestFinished(async () => {
      await db.close();
      await proxy.stop();
    });
    const me = db.as(MANY);
    await me.count('docs');
    for (const [times, options] of [
      [1, {}],
      [4, NARROW],
      [1, { recall: 'exact' }],
      [1, { weights: { vector: 0 } }],
    ] as const) {
      for (let n = 0; n < times; n++) {
        const before = proxy.counts.syncs;
        await ask(me, 'docs', options);
        expect(proxy.counts.syncs - before).toBe(1);
      }
    }
  });

  it('shows in what is explained', async () => {
    await using db = open();
    const me = db.as(MANY);
    const plan = () => me.explain(me.build.hybridSearch('docs', { ...ASKED, ...NARROW } as never));
    expect(await plan()).toContain('docs_v');
    for (let n = 0; n < 3; n++) await ask(me, 'docs', NARROW);
    expect(await plan()).not.toContain('docs_v');
  });

  it('makes no other answer of a cached one, which tells of the search that was made', async () => {
    await using db = open({ cache: {} });
    const me = db.as(MANY);
    // An operator is not a plain word: such a question is compiled, and known by what the statement asks.
    const asked = { ...NARROW, filters: { kind: op.lt(6) }, cache: true };
    const first = await ask(me, 'docs', asked);
    expect(first.search.plan).toBe('index, then exact');
    for (let n = 0; n < 3; n++) await ask(me, 'docs', { ...asked, cache: undefined });
    expect(await ask(me, 'docs', asked)).toBe(first);
    expect(db.cache.stats()).toMatchObject({ hits: 1, misses: 1 });
    const others: readonly object[] = [
      { info: false },
      { text: 'other' },
      { vector: TENTH_CLUSTER },
      { limit: 3 },
      { candidates: 70 },
      { rankConstant: 1 },
      { weights: { text: 2 } },
      { weights: { vector: 0 } },
      { recall: 'fast' },
      { recall: 'exact' },
      { similarityThreshold: 0.9851 },
      { filters: { kind: op.lt(5) } },
      { columns: ['id', 'kind'] },
      { metric: 'l2' },
      { language: 'simple' },
    ];
    const answers: unknown[] = [];
    for (const options of others) answers.push(await ask(me, 'docs', { ...asked, ...options }));
    expect(db.cache.stats()).toMatchObject({ hits: 1, misses: 1 + others.length });
    for (const [at, options] of others.entries()) {
      expect(await ask(me, 'docs', { ...asked, ...options })).toBe(answers[at]);
    }
  });

  it('is never what is found: generated searches give what comparing all rows gives', async () => {
    const random = new SeededRandom(SEED);
    const pick = <T>(choices: readonly T[]) => random.pick(choices) as T;
    const whose = new Map([
      [FEW, (id: number) => id % 100 === 0],
      [MANY, (id: number) => id % 100 !== 0 && id % 10 < 6],
      [FAR, (id: number) => id % 20 >= 10 && id % 20 < 15],
      [NONE, () => false],
    ]);
    const plans: Record<string, number> = {};
    let [found, expected] = [0, 0];
    await using direct = open();
    await using transaction = createDatabaseService({ transaction: database.user.transaction });
    for (let n = 0; n < 60; n++) {
      const table = pick(['docs', 'shelves', 'loose', 'plain']);
      const who = pick(table === 'shelves' ? [FAR, FAR, NONE] : [FEW, MANY, MANY, NONE]);
      const limit = 1 + random.below(12);
      const base = pick([FIRST_CLUSTER, TENTH_CLUSTER]);
      const options = {
        vector: base.map((value) => value + random.next() - 0.5),
        text: pick(['title', '"title 1" or "title 40"', `"title ${random.below(12_000)}"`, '', 'none']),
        ...{ limit, candidates: limit + random.below(60) },
        ...(random.chance(0.5) && { similarityThreshold: pick([-1, 0.3, 0.9, 0.97, 0.99]) }),
        ...(random.chance(0.3) && { filters: { kind: pick([op.lt(5), op.eq(3), op.eq(77)]) } }),
        ...(random.chance(0.3) && { weights: pick([{ text: 0 }, { vector: 0 }, { vector: 3 }]) }),
      };
      const me = pick([direct, transaction]).as(who);
      const truth = await ask(me, table, { ...options, recall: 'exact' });
      for (let times = 0; times < 4; times++) {
        const recall = pick(['balanced', 'fast']);
        const { rows, search } = await ask(me, table, { ...options, recall });
        const about = `search ${n} of ${table} (seed ${SEED}): ${JSON.stringify(options)}`;
        plans[search.plan] = (plans[search.plan] ?? 0) + 1;
        expect(
          rows.every(({ id }) => whose.get(who)!(id)),
          about,
        ).toBe(true);
        // As documented: `fast` may miss what is beyond a threshold.
        const mayMiss = recall === 'fast' && options.similarityThreshold !== undefined;
        if (!mayMiss) expect(rows.length, about).toBe(truth.rows.length);
        if (search.recallClass === 'exact') expect(rows, about).toEqual(truth.rows);
        const ids = new Set(rows.map(({ id }) => id));
        found += truth.rows.filter(({ id }) => ids.has(id)).length;
        expected += truth.rows.length;
      }
    }
    expect(Object.keys(plans).sort()).toEqual(['exact', 'index', 'index, then exact']);
    expect(found / expected).toBeGreaterThan(0.95);
  }, 120_000);

  describe('of data that changes', () => {
    let own: TestDatabase;
    let db: ConsolidatedDatabaseService;
    beforeAll(async () => {
      own = await createTestDatabase({ sql: OWNED_SQL });
      db = createDatabaseService({ direct: own.user.direct });
    });
    afterAll(async () => {
      await db.close({ drainMs: 1_000 });
      await own.drop();
    });

    it('is open again once the index does, or rows are many', async () => {
      const me = db.as(MANY);
      const narrow = { ...SMALL, similarityThreshold: 0.9999, vector: TENTH_CLUSTER };
      const plan = async () => (await ask(me, 'docs', narrow)).search.plan;
      const before = [await plan(), await plan(), await plan()];
      expect(before).toEqual(['index, then exact', 'index, then exact', 'exact']);
      await own.query(
        `update docs set v = '[${TENTH_CLUSTER}]' where id in (select id from docs where id % 10 = 1 limit 20)`,
      );
      const after: string[] = [];
      for (let n = 0; n < 40; n++) after.push(await plan());
      expect(after.slice(-3)).toEqual(['index', 'index', 'index']);

      const few = async () => (await ask(db.as(FEW), 'docs')).search;
      await few();
      expect(await few()).toMatchObject({ plan: 'exact', scanned: 120 });
      await own.query(`update docs set owner = '${FEW.claims.sub}' where id % 10 < 6`);
      expect(await few()).toMatchObject({ plan: 'exact' });
      expect(await few()).toMatchObject({ plan: 'index' });
    });

    it('finds rows without a direction by their text alone, before and behind', async () => {
      await own.query(
        `insert into shelves select 90000 + i, '${FAR.claims.sub}', 1, 'zero', '[${TENTH_CLUSTER.map(() => 0)}]' from generate_series(1, 30) i`,
      );
      const me = db.as(FAR);
      const asked = { ...SMALL, limit: 10, candidates: 60, filters: { kind: op.lt(2) } };
      for (let n = 0; n < 4; n++) {
        const { rows } = await ask(me, 'shelves', { ...asked, text: 'zero' });
        const zeros = rows.filter(({ id }) => id > 90_000);
        expect(zeros.map(({ similarity }) => similarity)).toEqual([null, null, null, null, null]);
        const near = await ask(me, 'shelves', { ...asked, ...BY_VECTOR, filters: { id: op.gt(90_000) } });
        expect(near.rows).toEqual([]);
      }
    });
  });
});
