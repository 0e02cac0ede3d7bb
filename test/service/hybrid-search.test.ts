import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CallEvent,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  service,
} from '../../src/index.ts';

const SQL = `
  create table notes (
    id int primary key, body text, words tsvector generated always as (to_tsvector('english', body)) stored, at extensions.vector(3)
  );
  insert into notes (id, body, at)
  select i, case when i % 50 = 0 then 'boat' else 'house' end, format('[%s,%s,1]', i, i % 9)::extensions.vector
  from generate_series(1, 2000) i;
  create index notes_at on notes using hnsw (at extensions.vector_cosine_ops);
  create index notes_words on notes using gin (words);
  analyze notes;
`;

describe('a hybrid search as a call of a service', () => {
  const events: CallEvent[] = [];
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;

  beforeAll(async () => {
    db = createDatabaseService({
      embedded: { sql: SQL },
      maxRows: 50,
      metrics: true,
      onCall: (event) => events.push(event),
    });
    mine = db.as(service());
    await mine.count('notes');
  });
  afterAll(() => db.close());

  const search = { text: 'boat', vector: [1, 0, 0], columns: ['id'] };

  it('is explained by its plan, which has the indexes of both lists', async () => {
    const plan = JSON.stringify(
      await mine.explain(db.build.hybridSearch('notes', { ...search, candidates: 10 })),
    );
    expect(plan).toContain('using notes_at');
    expect(plan).toContain('on notes_words');
  });

  it('is told by its own kind, in events and in metrics', async () => {
    events.splice(0);
    const rows = await mine.hybridSearch('notes', search);
    expect(events).toMatchObject([{ kind: 'hybridSearch', target: 'public.notes', rows: rows.length }]);
    expect((await db.metrics()).body).toContain('operation="hybridSearch"');
    expect(db.getQueryMetrics('hybridSearch')).toHaveLength(1);
  });

  it('learns that a threshold leaves fewer rows than its candidates, and tells how it was made', async () => {
    const options = { ...search, vector: [0, 1, 0], candidates: 10, similarityThreshold: 0.65 };
    const truth = await mine.hybridSearch('notes', { ...options, recall: 'exact' });
    const plans: string[] = [];
    for (let n = 0; n < 3; n++) {
      const { rows, search: how } = await mine.hybridSearch('notes', { ...options, info: true });
      expect(rows).toEqual(truth);
      plans.push(how.plan);
    }
    expect(plans).toEqual(['index, then exact', 'index, then exact', 'exact']);
  });

  it('says what it depends on, so that it may be cached', async () => {
    const report = await mine.explainCache(db.build.hybridSearch('notes', search));
    expect(report).toMatchObject({ cacheable: true, dependsOn: ['public.notes'] });
  });

  it('is refused beyond the rows that the service may return, and not below', async () => {
    expect(await mine.hybridSearch('notes', { ...search, limit: 50 })).toHaveLength(50);
    await expect(mine.hybridSearch('notes', { ...search, limit: 51 })).rejects.toMatchObject({
      code: 'RESULT_TOO_LARGE',
    });
  });
});
