import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, NotFoundError } from '../../src/index.ts';
import { describeFourModes } from './four-modes.ts';
import {
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

describeFourModes('vector searches answer alike in every mode', SPOTS_SQL, (modes) => {
  const spots = async (run: (db: DatabaseHandle) => Promise<unknown>) =>
    (await modes.alike(run, { identity: ana })) as readonly Spot[];

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

    it('as the searches near other rows have shown', async () => {
      const near = { ...by, recall: 'fast', limit: 33, filters: { folder: 4 }, info: true } as const;
      const plans = await modes.alike(
        async (db) => {
          const plan = async (id: number) =>
            (await db.vectorSearch('indexed', { ...near, near: { id } })).search.plan;
          return [await plan(30), await plan(3000), await plan(60)];
        },
        { identity: ana },
      );
      expect(plans).toEqual(['index, then exact', 'index, then exact', 'exact']);
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

    it('of parts, and not of a view, which has no key', async () => {
      const near = { ...by, near: { id: 30, folder: 2 }, limit: 2 } as const;
      expect(ids(await spots((db) => db.vectorSearch('parted', near)))).toEqual([60, 90]);
      const error = await modes.alikeError((db) => db.vectorSearch('seen', near), { identity: ana });
      expect(error).toMatchObject({ code: 'WRONG_CALL', statusCode: 500 });
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
      ['none', [], 'VALIDATION'],
      ['more than a hundred', Array.from({ length: 101 }, () => at(1)), 'VALIDATION'],
      ['one of another dimension', [at(1), [1]], 'WRONG_DIMENSIONS'],
      ['one that is none', [at(1), null], 'VALIDATION'],
    ])('but not for %s', async (_name, vectors, code) => {
      const error = await modes.alikeError((db) =>
        db.vectorSearch('spots', { ...several, vectors } as never),
      );
      expect(error).toMatchObject({ code, statusCode: 400 });
    });
  });
});
