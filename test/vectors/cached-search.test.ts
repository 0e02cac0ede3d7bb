import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabaseService, type DatabaseHandle, op } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { FIRST_CLUSTER, MANY, OWNED_SQL } from './owned-vectors.ts';

const OTHER = FIRST_CLUSTER.map((value, at) => (at % 3 === 0 ? -value : value));

describeFullStack('a cached search', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: OWNED_SQL });
  });
  afterAll(() => database.drop());

  const serviceOf = () => createDatabaseService({ direct: database.user.direct, cache: {} });
  // An operator is not a plain word: such a question is compiled, and known by what the statement asks.
  const asked = { vector: FIRST_CLUSTER, columns: ['id'], filters: { kind: op.lt(6) }, cache: true };
  const search = (handle: DatabaseHandle, changes: object = {}) =>
    handle.vectorSearch('docs', { ...asked, ...changes } as never) as Promise<unknown>;

  it('is the same search however it is made: what was learned meanwhile makes it no other', async () => {
    await using db = serviceOf();
    const mine = db.as(MANY);
    const first = await search(mine, { info: true });
    // The second one would be made by what the first has shown, as another statement.
    expect(await search(mine, { info: true })).toEqual(first);
    expect(db.cache.stats()).toMatchObject({ hits: 1, misses: 1, entries: 1 });
  });

  it('is another one by anything that decides what is found', async () => {
    await using db = serviceOf();
    const mine = db.as(MANY);
    const { vector: _, ...others } = asked;
    const questions: readonly object[] = [
      asked,
      { ...asked, vector: OTHER },
      { ...asked, limit: 3 },
      { ...asked, filters: { kind: op.lt(2) } },
      { ...asked, similarityThreshold: 0.99 },
      { ...asked, similarityThreshold: 0.9 },
      { ...asked, columns: ['id', 'kind'] },
      { ...asked, metric: 'l2' },
      { ...asked, recall: 'exact' },
      { ...asked, recall: 'fast' },
      { ...asked, efSearch: 500 },
      { ...asked, info: true },
      { ...others, vectors: [OTHER, FIRST_CLUSTER] },
      { ...others, vectors: [FIRST_CLUSTER, OTHER] },
      { ...others, vectors: [FIRST_CLUSTER] },
      { ...others, near: { id: 11 } },
      { ...others, near: { id: 21 } },
    ];
    const ask = (options: object) => mine.vectorSearch('docs', options as never) as Promise<unknown>;
    const first: unknown[] = [];
    for (const question of questions) first.push(await ask(question));
    expect(db.cache.stats()).toMatchObject({ hits: 0, misses: questions.length });
    for (const [at, question] of questions.entries()) expect(await ask(question)).toEqual(first[at]);
    expect(db.cache.stats()).toMatchObject({ hits: questions.length, misses: questions.length });
  });
});
