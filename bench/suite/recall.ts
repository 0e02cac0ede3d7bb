import type { Output } from '../../src/bench/run-output.ts';
import type { TestDatabase } from '../../test/support/full-stack.ts';
import type { Target } from '../contender.ts';
import { benchUrls } from '../database.ts';
import { Network } from '../network.ts';
import { vectorContenders } from '../vectors/all-contenders.ts';
import type { VectorContenderName } from '../vectors/contender.ts';
import { SYNTHETIC } from '../vectors/data-source.ts';
import { openKeptDatabase } from '../vectors/kept-database.ts';
import { type MeasuredCell, measureCells } from '../vectors/measure.ts';
import { ADVISED_TABLES, SEARCH_SETS } from '../vectors/search-set.ts';
import { type VectorRow, vectorRows } from '../vectors/summary.ts';
import { readQueries } from '../vectors/truth.ts';

const CONTENDERS: readonly VectorContenderName[] = [
  'balanced',
  'fast',
  'plain pgvector',
  'iterative ef 100',
  'iterative ef 400',
  'exact',
];
const DELAY_MS = 1;
const LIMIT = 10;
const FIRST_CALLS = 10;
/** Of each contender in each cell, in all rounds. */
const QUERIES = 60;

/**
 * What each way of searching finds and how long it takes, by the share of the rows that the searcher owns: the cells of
 * `bench vectors`, one search at a time. The database is that of `bench vectors`, which is kept.
 */
export async function measureRecall(
  { rows, rounds }: { readonly rows: number; readonly rounds: number },
  output: Output,
): Promise<readonly VectorRow[]> {
  const database = await openKeptDatabase(SYNTHETIC, { rows, queries: QUERIES + FIRST_CALLS }, output);
  const network = new Network(benchUrls(database), () => undefined);
  try {
    const url = await network.urlFor('direct', DELAY_MS);
    const target: Target = { url, mode: 'direct', connections: 2 };
    const onProgress = (text: string) => output.progress(`recall: ${text}`);
    const cells = await cellsOf(database);
    const options = { rounds, firstCalls: FIRST_CALLS, onProgress };
    return vectorRows(await measureCells(target, cells, vectorContenders(CONTENDERS), options));
  } finally {
    await network.close();
    await database.close();
  }
}

async function cellsOf(database: TestDatabase): Promise<readonly MeasuredCell[]> {
  const cells: MeasuredCell[] = [];
  const advised: readonly string[] = ADVISED_TABLES;
  const sets = SEARCH_SETS.filter(
    ({ layout, table }) => layout !== 'clustered-near' && !advised.includes(table),
  );
  for (const set of sets) {
    const queries = await readQueries(database, set, QUERIES + FIRST_CALLS);
    cells.push({ cell: { data: SYNTHETIC.name, mode: 'direct', set, limit: LIMIT }, queries });
  }
  return cells;
}
