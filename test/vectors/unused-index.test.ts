import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  service,
} from '../../src/index.ts';

/** Half of the rows are in an index of bits, which tell vectors apart badly. */
const SQL = `
  select setseed(0.42);
  create table notes (id int primary key, part int not null, at extensions.vector(16) not null);
  insert into notes
  select i, i % 2, v.text::extensions.vector
  from generate_series(1, 4000) as i
  cross join lateral (
    select '[' || string_agg((random() - 0.5 + 0 * i)::text, ',' order by n) || ']' as text from generate_series(1, 16) as n
  ) as v;
  create index notes_bits on notes using hnsw ((extensions.binary_quantize(at)::bit(16)) extensions.bit_hamming_ops) where part = 1;
  analyze notes;
`;

describe('a search that the index of shorter vectors cannot serve', () => {
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;
  beforeAll(() => {
    db = createDatabaseService({ embedded: { sql: SQL } });
    mine = db.as(service());
  });
  afterAll(() => db.close());

  const vector = Array.from({ length: 16 }, (_, n) => Math.cos(n * 1.3));
  const near = { vector, columns: ['id'], limit: 10 } as const;
  const search = { ...near, info: true } as const;

  it('compares all rows by their whole vectors, and says so', async () => {
    for (const part of [0, 1]) {
      const filters = { part };
      const exact = await mine.vectorSearch('notes', { ...near, filters, recall: 'exact' });
      for (const recall of ['fast', 'balanced'] as const) {
        const [alone, [beside]] = [
          await mine.vectorSearch('notes', { ...search, filters, recall }),
          await db
            .as(service())
            .batch([
              db.build.vectorSearch('notes', { ...search, filters, recall, limit: 11 }),
              db.build.count('notes'),
            ]),
        ];
        for (const { rows, search: how } of [alone, beside]) {
          expect(rows.length).toBeGreaterThanOrEqual(10);
          if (how.recallClass === 'exact') expect(rows.slice(0, 10)).toEqual(exact);
          else expect(how).toMatchObject({ plan: 'index', recallClass: recall });
        }
        expect(alone.search.recallClass).toBe(part === 0 ? 'exact' : recall);
      }
    }
  });
});
