import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anonymous, createDatabaseService, type SecondLevelStore } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { SharedStore } from '../support/shared-store.ts';

describeFullStack('searches that are cached', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table places (id int primary key, v extensions.vector(3));
        insert into places values (1, '[1,0,0]'), (2, '[0,1,0]');
        grant select on places to anon`,
    });
  });
  afterAll(() => database.drop());

  const processOf = (store?: SecondLevelStore) =>
    createDatabaseService({
      direct: database.user.direct,
      cache: { public: ['places'], ...(store === undefined ? {} : { secondLevel: { store } }) },
    });
  const asked = { columns: ['id'], limit: 1, cache: true } as const;
  const found = [{ id: 1, similarity: 1 }];
  const search = { plan: 'exact', scanned: 2, recallClass: 'exact' };
  /** One and the same statement: only what is made of its reply differs. */
  const forms = [
    [{ vector: [1, 0, 0] }, found],
    [{ vectors: [[1, 0, 0]] }, [found]],
    [
      { vector: [1, 0, 0], info: true },
      { rows: found, search },
    ],
    [{ vectors: [[1, 0, 0]], info: true }, [{ rows: found, search }]],
  ] as const;

  it('answer each in the form that is asked for', async () => {
    await using db = processOf();
    const me = db.as(anonymous());
    for (const [given, expected] of [...forms, ...forms]) {
      expect(await me.vectorSearch('places', { ...asked, ...given })).toEqual(expected);
    }
    expect(db.cache.stats()).toMatchObject({ hits: 4, misses: 4 });
  });

  it('answer each in the form that is asked for, also from what another process has read', async () => {
    for (const [first] of forms) {
      for (const [then, expected] of forms) {
        const store = new SharedStore();
        await using one = processOf(store);
        await using other = processOf(store);
        await one.as(anonymous()).vectorSearch('places', { ...asked, ...first });
        await nextTurn();
        expect(await other.as(anonymous()).vectorSearch('places', { ...asked, ...then })).toEqual(expected);
      }
    }
  });
});
