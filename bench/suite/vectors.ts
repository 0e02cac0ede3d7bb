import { withSession } from '../../stack/sql-session.ts';
import type { TestDatabase } from '../../test/support/full-stack.ts';
import { personOf } from '../notes.ts';
import { clusteredVectors } from '../vectors/clusters.ts';
import { type CopiedValue, copyRows } from '../vectors/copy-rows.ts';
import { type VectorSet, vectorAt } from '../vectors/vector-set.ts';
import { DIMENSIONS, PLACES_INDEX_SQL } from './world.ts';

const SEED = 20_261_130;
/** Vectors that the searches search for, in turn. They are not in the table. */
const QUERIES = 200;

/**
 * Fills the table of places with as many vectors, and builds its index.
 *
 * @returns what the searches search for
 */
export async function fillPlaces(
  database: TestDatabase,
  count: number,
  onProgress: (text: string) => void,
): Promise<readonly (readonly number[])[]> {
  onProgress('making vectors');
  const set = clusteredVectors({ count: count + QUERIES, dimensions: DIMENSIONS, seed: SEED });
  const target = 'public.bench_places (id, user_id, name, embedding)';
  await copyRows(database.ownerUrl, target, rowsOf(set, count), (rows) =>
    onProgress(`${rows} of ${count} places copied`),
  );
  onProgress('building the vector index');
  await withSession(database.ownerUrl, ({ query }) => query(PLACES_INDEX_SQL));
  await database.query('vacuum analyze public.bench_places');
  return Array.from({ length: QUERIES }, (_, n) => Array.from(vectorAt(set, count + n)));
}

function* rowsOf(set: VectorSet, count: number): Generator<readonly CopiedValue[]> {
  for (let at = 0; at < count; at++) {
    yield [{ bigint: at + 1 }, { uuid: personOf(at % 100).sub }, set.contentOf(at), vectorAt(set, at)];
  }
}
