import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, type Identity, NotFoundError, service, user } from '../../src/index.ts';
import { describeFourModes } from './four-modes.ts';

const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';

/**
 * Ben's rows are the nearest to the origin; ana's are every thirtieth. No two are equally near, by whole numbers of which every
 * processor makes the same distance. Nothing but the index of the vectors of `indexed` finds rows, and badly those of ana.
 */
const SQL = `
  create table spots (
    id int primary key, owner uuid not null, folder int not null, at extensions.vector(3), half extensions.halfvec(3)
  );
  insert into spots
  select i, case when i % 30 = 0 then '${ANA}'::uuid else '${BEN}'::uuid end, i % 7,
    case when i % 30 = 0 then format('[%s,0,0]', 4000 + i) else format('[0,0,%s]', i) end::extensions.vector,
    format('[1,%s,0]', i)::extensions.halfvec
  from generate_series(1, 3000) i;
  insert into spots values (5000, '${ANA}', 0, null, '[0,0,9]');
  create table indexed (like spots including all);
  insert into indexed select * from spots;
  create index indexed_at on indexed using hnsw (at extensions.vector_l2_ops);
  create table pairs (a int, b text, at extensions.vector(3) not null, primary key (a, b));
  insert into pairs select i % 3, 'b' || i, format('[%s,1,0]', i)::extensions.vector from generate_series(1, 30) i;
  do $$
  declare name text;
  begin
    foreach name in array array['spots', 'indexed'] loop
      execute format('alter table %I enable row level security', name);
      execute format('create policy own on %I to authenticated using (owner = auth.uid())', name);
    end loop;
  end $$;
  grant all on spots, indexed, pairs to authenticated, service_role;
  analyze spots, indexed, pairs;
`;

const ana = user({ sub: ANA });
const by = { column: 'at', metric: 'l2', columns: ['id', 'owner'] } as const;
const search = { ...by, vector: [0, 0, 0] } as const;
const at = (x: number) => [x, 0, 0];
const IN_TRANSACTIONS = ['direct', 'session', 'embedded'] as const;

interface Spot {
  readonly id: number;
  readonly owner: string;
  readonly similarity: number;
}

interface Told {
  readonly rows: readonly Spot[];
  readonly search: { readonly plan: string; readonly scanned: number; readonly recallClass: string };
}

const ids = (rows: unknown) => (rows as readonly Spot[]).map(({ id }) => id);
/** Every thirtieth, those of ana. */
const every30th = (count: number, from = 30) => Array.from({ length: count }, (_, n) => from + 30 * n);

describeFourModes('a vector search answers alike in every mode', SQL, (modes) => {
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
    const second = await told({ recall: 'fast', filters: { folder: 3 } });
    expect(second).toEqual({ ...(first as object), plan: 'exact' });
  });

  describe('near a row', () => {
    it('without the row itself', async () => {
      const found = await spots((db) => db.vectorSearch('indexed', { ...by, near: { id: 30 }, limit: 2 }));
      expect(ids(found)).toEqual([60, 90]);
      expect(found[0]!.similarity).toBe(1 / 31);
    });

    it('with info, a threshold and a filter', async () => {
      const near = { ...by, near: { id: 30 }, similarityThreshold: 1 / 70 };
      const found = await spots((db) => db.vectorSearch('spots', near));
      expect(ids(found)).toEqual([60, 90]);
      const told = (await modes.alike(
        async (db) => {
          const { rows, search: how } = await db.vectorSearch('spots', {
            ...{ ...near, filters: { folder: 4 } },
            info: true,
          });
          return { rows, recallClass: how.recallClass };
        },
        { identity: ana },
      )) as Told;
      expect(ids(told.rows)).toEqual([60]);
    });

    it('that several columns name', async () => {
      const found = (await modes.alike((db) =>
        db.vectorSearch('pairs', { near: { a: 0, b: 'b30' }, metric: 'l2', columns: ['b'], limit: 3 }),
      )) as readonly { b: string }[];
      expect(found.map(({ b }) => b)).toEqual(['b29', 'b28', 'b27']);
    });

    it.each([
      ['that is not there', 9999],
      ['of another user', 1],
      ['without a vector', 5000],
    ])('%s is an error', async (_name, id) => {
      for (const table of ['spots', 'indexed']) {
        for (const recall of ['fast', 'exact'] as const) {
          const error = await modes.alikeError(
            (db) => db.vectorSearch(table, { column: 'at', near: { id }, recall }),
            { identity: ana },
          );
          expect(error).toMatchObject({ code: 'NOT_FOUND', statusCode: 404 });
        }
      }
    });

    it('that is not there leaves a transaction as it was', async () => {
      const found = await modes.alike(
        (db) =>
          db.transaction(async (tx) => {
            const error = await tx
              .vectorSearch('spots', { column: 'at', near: { id: 1 } })
              .catch((thrown: unknown) => thrown);
            return [error instanceof NotFoundError, await tx.count('spots')];
          }),
        { identity: ana, modes: IN_TRANSACTIONS },
      );
      expect(found).toEqual([true, 101]);
    });
  });

  describe('for several vectors', () => {
    const several = { ...by, limit: 2 };

    it('in their order, each as if it were alone', async () => {
      const vectors = [at(4899), at(0), at(4899), at(9000)];
      for (const table of ['spots', 'indexed']) {
        const found = (await modes.alike((db) => db.vectorSearch(table, { ...several, vectors }), {
          identity: ana,
        })) as readonly (readonly Spot[])[];
        expect(found.map((rows) => ids(rows))).toEqual([[900, 870], [30, 60], ids(found[0]), [3000, 2970]]);
        for (const [index, vector] of vectors.entries()) {
          const alone = await spots((db) => db.vectorSearch(table, { ...search, vector, limit: 2 }));
          expect(found[index]!.map(({ similarity }) => similarity)).toEqual(
            alone.map(({ similarity }) => similarity),
          );
        }
      }
    });

    it('with info for each', async () => {
      const found = (await modes.alike(
        async (db) => {
          const options = { ...several, vectors: [at(0), at(9000)], info: true } as const;
          const all = (await db.vectorSearch('spots', options)) as unknown as readonly Told[];
          return all.map(({ rows, search: how }) => [ids(rows), how.plan, how.recallClass, how.scanned > 0]);
        },
        { identity: ana },
      )) as unknown;
      expect(found).toEqual([
        [[30, 60], 'exact', 'exact', true],
        [[3000, 2970], 'exact', 'exact', true],
      ]);
    });

    it('up to a hundred', async () => {
      const vectors = Array.from({ length: 100 }, (_, n) => at(4000 + 30 * (n + 1)));
      const found = (await modes.alike((db) => db.vectorSearch('spots', { ...several, vectors, limit: 1 }), {
        identity: ana,
      })) as readonly (readonly Spot[])[];
      expect(found.flatMap((rows) => ids(rows))).toEqual(every30th(100));
    });

    it.each([
      ['none', []],
      ['more than a hundred', Array.from({ length: 101 }, () => at(1))],
      ['one of another dimension', [at(1), [1]]],
      ['one that is none', [at(1), null]],
    ])('but not for %s', async (_name, vectors) => {
      const error = await modes.alikeError((db) =>
        db.vectorSearch('spots', { ...several, vectors } as never),
      );
      expect(error).toMatchObject({ code: 'VALIDATION', statusCode: 400 });
    });
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

  it('explained by its plan, which has the index of the vectors', async () => {
    const plans = await modes.alike(
      async (db) => {
        const of = async (options: object) =>
          JSON.stringify(
            await db.explain(db.build.vectorSearch('indexed', { ...by, limit: 100, ...options } as never)),
          );
        const told = [{ vector: at(0) }, { near: { id: 30 } }, { vector: at(0), recall: 'exact' }];
        return (await Promise.all(told.map(of))).map((plan) => plan.includes('using indexed_at'));
      },
      { identity: ana, modes: IN_TRANSACTIONS },
    );
    expect(plans).toEqual([true, true, false]);
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
