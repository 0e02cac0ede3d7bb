import type { TestDatabase } from '../../test/support/full-stack.ts';
import type { Truth } from './recall.ts';
import { type QuerySource, SEARCH_SETS, type SearchSet } from './search-set.ts';

/** The largest limit of which the truth is known. */
export const MOST_ROWS = 1_000;

/** A query vector, and what is nearest to it among the searcher's rows. */
export interface Query {
  readonly vector: readonly number[];
  readonly truth: Truth;
}

export async function storeQueries(
  database: TestDatabase,
  source: QuerySource,
  vectors: readonly Float32Array[],
): Promise<void> {
  await database.query(
    `insert into bench.queries (source, number, embedding)
     select $1, number, text::extensions.vector from unnest($2::int[], $3::text[]) as given (number, text)`,
    [source, vectors.map((_, number) => number), vectors.map((vector) => `[${vector.join(',')}]`)],
  );
}

/** Compares each query with every row of its searcher, once: the measurements read the result. */
export async function storeTruths(
  database: TestDatabase,
  onProgress: (done: number, of: number) => void,
): Promise<void> {
  for (const [done, { table, person, source }] of SEARCH_SETS.entries()) {
    onProgress(done, SEARCH_SETS.length);
    await database.query(
      // Plus zero: an order that no vector index has.
      `insert into bench.truths (table_name, owner, source, number, ids, distances)
       select $1, $2, q.source, q.number, array_agg(n.id order by n.distance), array_agg(n.distance order by n.distance)
       from bench.queries q cross join lateral (
         select d.id, (d.embedding <=> q.embedding) + 0 as distance from public.${table} d where d.owner = $2
         order by distance fetch first ${MOST_ROWS} rows with ties
       ) n
       where q.source = $3
       group by q.source, q.number`,
      [table, person.sub, source],
    );
  }
}

/** The first so many queries of a search set. */
export async function readQueries(
  database: TestDatabase,
  { table, person, source }: SearchSet,
  count: number,
): Promise<readonly Query[]> {
  const rows = await database.query<{ vector: string; ids: number[]; distances: number[] }>(
    `select q.embedding::text as vector, t.ids, t.distances
     from bench.truths t join bench.queries q using (source, number)
     where t.table_name = $1 and t.owner = $2 and t.source = $3 order by number limit $4`,
    [table, person.sub, source, count],
  );
  if (rows.length < count) throw new Error(`${rows.length} queries are stored, but ${count} are needed.`);
  return rows.map(({ vector, ids, distances }) => ({
    vector: JSON.parse(vector) as number[],
    truth: { ids, distances },
  }));
}
