import { withSession } from '../../stack/sql-session.ts';
import type { TestDatabase } from '../../test/support/full-stack.ts';
import { type CopiedValue, copyRows } from './copy-rows.ts';
import { otherIndexesSql, tablesSql, vectorIndexSql } from './schema.ts';
import { OWNERS, QUERY_SOURCES, TABLES, type TableName } from './search-set.ts';
import type { Shares } from './share-out.ts';
import { storeQueries, storeTruths } from './truth.ts';
import { type VectorSet, vectorAt } from './vector-set.ts';

/** Holds the graph of 100,000 vectors of 384 numbers: without room for all of it the build slows down tenfold. */
const BUILD_MEMORY = '512MB';
const PROGRESS_MS = 500;

/** Fills an empty database: tables with their rows and indexes, queries, and the truth about these. */
export async function buildVectors(
  database: TestDatabase,
  set: VectorSet,
  shares: Shares,
  onProgress: (text: string) => void,
): Promise<void> {
  await database.query(tablesSql(set.dimensions));
  for (const table of TABLES) {
    const target = `public.${table} (id, owner, content, embedding)`;
    await copyRows(database.ownerUrl, target, rowsOf(table, set, shares), (count) =>
      onProgress(`${table}: ${count} of ${shares.rows.length} rows copied`),
    );
    await database.query(otherIndexesSql(table));
    await buildIndex(database, table, onProgress);
    await database.query(`vacuum analyze public.${table}`);
  }
  for (const source of QUERY_SOURCES) {
    await storeQueries(
      database,
      source,
      shares.queries[source].map((index) => vectorAt(set, index)),
    );
  }
  await storeTruths(database, (done, of) => onProgress(`the true neighbours: ${done} of ${of}`));
}

function* rowsOf(table: TableName, set: VectorSet, shares: Shares): Generator<readonly CopiedValue[]> {
  for (const [at, index] of shares.rows.entries()) {
    const uuid = table === 'own_documents' ? OWNERS.all.sub : shares.owners[at]!;
    yield [{ bigint: at + 1 }, { uuid }, set.contentOf(index), vectorAt(set, index)];
  }
}

async function buildIndex(
  database: TestDatabase,
  table: TableName,
  onProgress: (text: string) => void,
): Promise<void> {
  const ask = () =>
    database
      .query<{ percent: string | null }>(
        `select round(100.0 * blocks_done / nullif(blocks_total, 0)) as percent
         from pg_stat_progress_create_index where datname = current_database()`,
      )
      .then(([row]) => onProgress(`${table}: HNSW index, ${row?.percent ?? 0} %`))
      // A look that failed is no reason to give up the build.
      .catch(() => {});
  const looking = setInterval(() => void ask(), PROGRESS_MS);
  try {
    await withSession(database.ownerUrl, ({ query }) =>
      query(`set maintenance_work_mem = '${BUILD_MEMORY}'; ${vectorIndexSql(table)}`),
    );
  } finally {
    clearInterval(looking);
  }
}
