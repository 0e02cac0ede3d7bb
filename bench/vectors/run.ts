import { writeFile } from 'node:fs/promises';
import { describeMachine } from '../../src/bench/machine.ts';
import type { Output } from '../../src/bench/run-output.ts';
import { ValidationError } from '../../src/contract/errors.ts';
import type { TestDatabase } from '../../test/support/full-stack.ts';
import type { Target } from '../contender.ts';
import { benchFacts, benchUrls } from '../database.ts';
import { vectorContenders } from './all-contenders.ts';
import { VECTOR_CONTENDERS, type VectorContender } from './contender.ts';
import { type DataSource, SYNTHETIC, wordsFrom } from './data-source.ts';
import { openKeptDatabase } from './kept-database.ts';
import { type MeasuredCell, type Measurement, measureCells } from './measure.ts';
import type { VectorOptions } from './options.ts';
import { knowsRecall } from './ours.ts';
import { writePictures } from './pictures.ts';
import { searchLines, searchRecipes, searchVerdicts } from './report.ts';
import { SEARCH_SETS } from './search-set.ts';
import { type VectorRow, vectorRows } from './summary.ts';
import { readQueries } from './truth.ts';
import { allKept, judgeSearches } from './wanted.ts';
import { findWords, HOW_TO_GET_WORDS } from './words.ts';

/** One search at a time, but ours may use a second connection. */
const CONNECTIONS = 2;
/** Unmeasured, of each contender in each cell. */
const FIRST_CALLS = 10;

/** Runs the benchmark; true when something wanted was measured, and all of it was met. */
export async function runVectorBench(options: VectorOptions, output: Output): Promise<boolean> {
  output.line(describeMachine());
  const sources = sourcesOf(options, output);
  const rows: VectorRow[] = [];
  for (const source of sources) {
    const kept = { rows: options.rows, queries: options.queries + FIRST_CALLS };
    const database = await openKeptDatabase(source, kept, output);
    try {
      if (source === sources[0]) await introduce(database, options, output);
      output.line();
      output.line(`${source.description}; ${options.rows} rows`);
      rows.push(...(await measureSource(source, database, options, output)));
    } finally {
      await database.close();
    }
  }

  const verdicts = judgeSearches(rows);
  output.line();
  for (const line of searchVerdicts(verdicts)) output.line(line);
  if (options.jsonFile !== undefined) {
    await writeFile(options.jsonFile, `${JSON.stringify(rows, undefined, 2)}\n`);
    output.line(`${rows.length} rows written to ${options.jsonFile}`);
  }
  if (options.picturesFolder !== undefined) {
    const names = await writePictures(options.picturesFolder, rows);
    output.line(`${names.join(', ')} written to ${options.picturesFolder}`);
  }
  return allKept(verdicts);
}

/** Throws a `ValidationError` where words were asked for and there are none. */
function sourcesOf({ data, words }: VectorOptions, output: Output): readonly DataSource[] {
  const file = findWords(words);
  if (file === undefined && data?.includes('words') === true) {
    throw new ValidationError('There are no word vectors.', { hint: HOW_TO_GET_WORDS });
  }
  if (file === undefined && data === undefined) {
    output.line(`Word vectors are left out, because there are none. ${HOW_TO_GET_WORDS}`);
  }
  const all = [SYNTHETIC, ...(file === undefined ? [] : [wordsFrom(file)])];
  return all.filter(({ name }) => data === undefined || data.includes(name));
}

async function introduce(database: TestDatabase, options: VectorOptions, output: Output): Promise<void> {
  for (const line of await benchFacts(database)) output.line(line);
  const [vector] = await database.query<{ version: string }>(
    `select extversion as version from pg_extension where extname = 'vector'`,
  );
  output.line(`pgvector ${vector?.version}, HNSW with its default settings, cosine`);
  output.line(
    `${options.rounds} rounds in rotating order, ${options.queries} queries in all for each contender and cell, after ${FIRST_CALLS} unmeasured ones; recall is a mean, ratios are medians of each round's ratio of medians`,
  );
  output.line();
  for (const line of searchRecipes(vectorContenders(options.contenders))) output.line(line);
}

async function measureSource(
  source: DataSource,
  database: TestDatabase,
  options: VectorOptions,
  output: Output,
): Promise<readonly VectorRow[]> {
  const urls = benchUrls(database);
  const rows: VectorRow[] = [];
  for (const mode of options.modes) {
    const target: Target = { url: urls[mode], mode, connections: CONNECTIONS };
    const measurements: readonly Measurement[] = await measureCells(
      target,
      await cellsOf(source, mode, database, options),
      await contendersAt(target, options, output),
      {
        rounds: options.rounds,
        firstCalls: FIRST_CALLS,
        onProgress: (text) => output.progress(`${source.name} · ${mode} · ${text}`),
      },
    );
    const ofMode = vectorRows(measurements);
    for (const line of searchLines(ofMode)) output.line(line);
    rows.push(...ofMode);
  }
  return rows;
}

async function cellsOf(
  { name: data }: DataSource,
  mode: Target['mode'],
  database: TestDatabase,
  { selectivities, layouts, limits, queries }: VectorOptions,
): Promise<readonly MeasuredCell[]> {
  const sets = SEARCH_SETS.filter(
    ({ selectivity, layout }) => selectivities.includes(selectivity) && layouts.includes(layout),
  );
  const all: MeasuredCell[] = [];
  for (const set of sets) {
    const asked = await readQueries(database, set, queries + FIRST_CALLS);
    all.push(...limits.map((limit) => ({ cell: { data, mode, set, limit }, queries: asked })));
  }
  return all;
}

/** Those asked for, in the order of the table. */
async function contendersAt(
  target: Target,
  { contenders }: VectorOptions,
  output: Output,
): Promise<readonly VectorContender[]> {
  const names = VECTOR_CONTENDERS.filter((name) => contenders.includes(name));
  if (!names.includes('fast') || (await knowsRecall(target))) return vectorContenders(names);
  output.line("'fast' is left out: this version has no option 'recall'.");
  return vectorContenders(names.filter((name) => name !== 'fast'));
}
