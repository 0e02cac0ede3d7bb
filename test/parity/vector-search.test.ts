import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, type Identity, service } from '../../src/index.ts';
import { describeFourModes } from './four-modes.ts';
import {
  ANA,
  ana,
  at,
  by,
  every30th,
  IN_TRANSACTIONS,
  ids,
  SPOTS_SQL,
  type Spot,
  search,
  type Told,
} from './spots.ts';

describeFourModes('a vector search answers alike in every mode', SPOTS_SQL, (modes) => {
  const spots = async (run: (db: DatabaseHandle) => Promise<unknown>, identity: Identity = ana) =>
    (await modes.alike(run, { identity })) as readonly Spot[];

  it.each(['fast', 'balanced', 'exact'] as const)(
    'with the recall %s, of the caller only',
    async (recall) => {
      for (const table of ['spots', 'indexed']) {
        const some = await spots((db) => db.vectorSearch(table, { ...search, recall }));
        expect(ids(some)).toEqual(every30th(10));
        const all = await spots((db) => db.vectorSearch(table, { ...search, recall, limit: 500 }));
        expect(ids(all)).toEqual(every30th(100));
        expect(new Set(all.map(({ owner }) => owner))).toEqual(new Set([ANA]));
        expect(all[0]!.similarity).toBe(1 / 4031);
      }
    },
  );

  it('by whatever an index names for whom no policy holds', async () => {
    const found = await spots((db) => db.vectorSearch('indexed', { ...search, limit: 5 }), service());
    expect(ids(found)).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    ['l1', { metric: 'l1', vector: [4000, 0, 0] }, [30, 60, 90], 1 / 31],
    ['the inner product', { metric: 'innerProduct', vector: [1, 0, 0] }, [3000, 2970, 2940], 7000],
    ['cosine', { metric: 'cosine', vector: [1, 0, 0], limit: 1, filters: { id: 30 } }, [30], 1],
    ['l2 over halfvec', { column: 'half', vector: [1, 895, 0] }, [900, 870, 930], 1 / 6],
  ] as const)('by %s', async (_name, options, nearest, similarity) => {
    const found = await spots((db) => db.vectorSearch('spots', { ...search, limit: 3, ...options }));
    expect(ids(found)).toEqual(nearest);
    expect(found[0]!.similarity).toBe(similarity);
  });

  it('above a threshold, under a filter', async () => {
    const near = { ...search, vector: [4000, 0, 0], similarityThreshold: 1 / 100, limit: 50 };
    expect(ids(await spots((db) => db.vectorSearch('indexed', near)))).toEqual([30, 60, 90]);
    const filtered = { ...near, similarityThreshold: 1 / 500, filters: { folder: 4 } };
    expect(ids(await spots((db) => db.vectorSearch('indexed', filtered)))).toEqual([60, 270, 480]);
    expect(await spots((db) => db.vectorSearch('indexed', { ...near, similarityThreshold: 1 }))).toEqual([]);
  });

  it('and says how its rows were found', async () => {
    const told = (options: object) =>
      modes.alike(
        async (db) => {
          const asked = { ...search, ...options, info: true } as const;
          const { rows, search: how } = (await db.vectorSearch('indexed', asked)) as unknown as Told;
          return { ids: ids(rows), ...how, scanned: how.scanned >= 100 };
        },
        { identity: ana },
      );
    const all = { ids: every30th(10), plan: 'exact', scanned: true, recallClass: 'exact' };
    expect(await told({ recall: 'exact' })).toEqual(all);
    // Asked in another way than before, so that nothing is learned of it yet.
    const first = await told({ recall: 'fast', filters: { folder: 3 } });
    expect(first).toMatchObject({ plan: 'index, then exact', recallClass: 'exact' });
    const again = await told({ recall: 'fast', filters: { folder: 3 } });
    expect(again).toEqual(first);
    const third = await told({ recall: 'fast', filters: { folder: 3 } });
    expect(third).toEqual({ ...(first as object), plan: 'exact' });
  });

  it.each([
    ['seen', 'nothing', undefined],
    ['parted', 'what is read of all parts', true],
  ])('in the relation %s, of which the server counts %s', async (relation, _, isCounted) => {
    for (const recall of ['fast', 'balanced', 'exact'] as const) {
      const found = await modes.alike(
        async (db) => {
          const asked = { ...search, recall, limit: 120, info: true } as const;
          const { rows, search: how } = (await db.vectorSearch(relation, asked)) as unknown as Told;
          const scanned = how.scanned === undefined ? undefined : how.scanned >= 100;
          return { ids: ids(rows), recallClass: how.recallClass, scanned };
        },
        { identity: ana },
      );
      expect(found).toEqual({ ids: every30th(100), recallClass: 'exact', scanned: isCounted });
    }
  });

  it('inside a transaction, which sees what it has written', async () => {
    const found = await modes.alike(
      (db) =>
        db.transaction(async (tx) => {
          await tx.insert('indexed', { id: 7000, owner: ANA, folder: 9, at: [1, 0, 0] });
          const [nearest] = await tx.vectorSearch('indexed', { ...search, limit: 1, recall: 'fast' });
          const near = await tx.vectorSearch('indexed', {
            ...{ near: { id: 7000 }, column: 'at', metric: 'l2', columns: ['id'], limit: 2 },
          } as const);
          const several = await tx.vectorSearch('indexed', {
            ...{
              vectors: [
                [1, 0, 0],
                [4030, 0, 0],
              ],
              column: 'at',
              metric: 'l2',
              columns: ['id'],
              limit: 1,
            },
          } as const);
          await tx.delete('indexed', { filters: { id: 7000 } });
          return [nearest, near, several];
        }),
      { identity: ana, modes: IN_TRANSACTIONS },
    );
    expect(found).toMatchObject([
      { id: 7000, similarity: 0.5 },
      [{ id: 30 }, { id: 60 }],
      [[{ id: 7000, similarity: 1 }], [{ id: 30, similarity: 1 }]],
    ]);
  });

  it('and leaves the planner of a transaction as it found it', async () => {
    const found = await modes.alike(
      (db) =>
        db.transaction(async (tx) => {
          await tx.sql`select set_config('enable_sort', 'off', true), set_config('jit', 'on', true)`;
          const planner = () =>
            tx.sql`select current_setting('jit') as jit, current_setting('enable_seqscan') as seqscan, current_setting('enable_sort') as sort`;
          const before = await planner();
          await tx.vectorSearch('indexed', { ...by, vectors: [at(1), at(2)], recall: 'fast' });
          await tx.vectorSearch('indexed', { ...by, near: { id: 1 } }).catch(() => undefined);
          await tx.transaction((inner) => inner.vectorSearch('indexed', search));
          return [before, await planner()];
        }),
      { identity: ana, modes: IN_TRANSACTIONS },
    );
    const planner = [{ jit: 'on', seqscan: 'on', sort: 'off' }];
    expect(found).toEqual([planner, planner]);
  });

  it('built, in a batch, beside other statements', async () => {
    const found = await modes.alike(
      (db) =>
        db.batch([
          db.build.vectorSearch('indexed', { ...search, limit: 2 }),
          db.build.count('indexed'),
          db.build.vectorSearch('indexed', { ...by, near: { id: 30 }, limit: 1 }),
          db.build.vectorSearch('spots', { ...by, vectors: [at(0), at(9000)], limit: 1 }),
        ]),
      { identity: ana },
    );
    expect(found).toMatchObject([
      [{ id: 30 }, { id: 60 }],
      101,
      [{ id: 60 }],
      [[{ id: 30 }], [{ id: 3000 }]],
    ]);
  });

  it('in a batch that fails by a row that is not there', async () => {
    const error = await modes.alikeError(
      (db) => db.batch([db.build.count('spots'), db.build.vectorSearch('spots', { ...by, near: { id: 1 } })]),
      { identity: ana },
    );
    expect(error).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('explained by its plan, which has the index of the vectors, or by one of each of several', async () => {
    const plans = await modes.alike(
      async (db) => {
        const of = async (options: object) =>
          JSON.stringify(
            await db.explain(db.build.vectorSearch('indexed', { ...by, limit: 100, ...options } as never)),
          );
        const told = [
          ...[{ vector: at(0) }, { near: { id: 30 } }, { vectors: [at(0), at(9)] }],
          { vector: at(0), recall: 'exact' },
        ];
        return (await Promise.all(told.map(of))).map((plan) => plan.split('using indexed_at').length - 1);
      },
      { identity: ana, modes: IN_TRANSACTIONS },
    );
    expect(plans).toEqual([1, 1, 2, 0]);
  });

  describe('cached', () => {
    const kept = { ...by, limit: 3, recall: 'fast', cache: true } as const;
    const plan = async (db: DatabaseHandle, limit: number) =>
      (await db.vectorSearch('indexed', { ...search, limit, recall: 'fast', info: true })).search.plan;

    it('though the next one would be made in another way', async () => {
      const found = await modes.alike(
        async (db) => {
          const ask = () => db.vectorSearch('indexed', { ...kept, vector: at(5), limit: 40 });
          const first = await ask();
          const next = await plan(db, 40);
          return [next, (await ask()) === first, ids(first)[0]];
        },
        { identity: ana },
      );
      expect(found).toEqual(['exact', true, 30]);
    });

    it('apart from those that are told how, and from lists of one', async () => {
      const found = await modes.alike(
        async (db) => {
          const ask = async (): Promise<readonly unknown[]> => [
            await db.vectorSearch('indexed', { ...kept, vector: at(6) }),
            await db.vectorSearch('indexed', { ...kept, vectors: [at(6)] }),
            await db.vectorSearch('indexed', { ...kept, vector: at(6), info: true }),
            await db.vectorSearch('indexed', { ...kept, vectors: [at(6)], info: true }),
            await db.vectorSearch('indexed', { ...kept, near: { id: 30 } }),
            await db.vectorSearch('indexed', { ...kept, near: { id: 3000 } }),
            await db.vectorSearch('indexed', { ...kept, vectors: [at(6), at(7)] }),
          ];
          const first = await ask();
          const again = await ask();
          return [first.map(shapeOf), again.every((answer, index) => answer === first[index])];
        },
        { identity: ana },
      );
      const rows = [30, 60, 90];
      expect(found).toEqual([
        [rows, [rows], { rows }, [{ rows }], [60, 90, 120], [2970, 2940, 2910], [rows, rows]],
        true,
      ]);
    });

    it('until a write', async () => {
      const found = await modes.alike(
        async (db) => {
          const ask = async () => [
            ids(await db.vectorSearch('indexed', { ...kept, vector: at(8) })),
            shapeOf(await db.vectorSearch('indexed', { ...kept, vectors: [at(8), at(9)], info: true })),
          ];
          const before = await ask();
          await db.insert('indexed', { id: 7001, owner: ANA, folder: 9, at: at(8) });
          const changed = await ask();
          await db.delete('indexed', { filters: { id: 7001 } });
          return [before, changed, await ask()];
        },
        { identity: ana },
      );
      const before = [
        [30, 60, 90],
        [{ rows: [30, 60, 90] }, { rows: [30, 60, 90] }],
      ];
      const changed = [
        [7001, 30, 60],
        [{ rows: [7001, 30, 60] }, { rows: [7001, 30, 60] }],
      ];
      expect(found).toEqual([before, changed, before]);
    });
  });
});

/** Ids in place of rows. */
function shapeOf(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map((one) => (isSpot(one) ? one.id : shapeOf(one)));
  return { rows: ids((answer as Told).rows) };
}

function isSpot(value: unknown): value is Spot {
  return typeof value === 'object' && value !== null && 'id' in value;
}
