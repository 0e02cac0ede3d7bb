import { writeFile } from 'node:fs/promises';
import { describeMachine } from '../../src/bench/machine.ts';
import type { Output } from '../../src/bench/run-output.ts';
import { median } from '../../src/bench/statistics.ts';
import type { BenchDatabase } from '../database.ts';
import { SEED_SQL, SETTLE_SQL } from '../notes.ts';
import { WRITABLE_SQL } from './contender.ts';
import { handMade } from './hand-made.ts';
import { measureHits, medianHits } from './hits.ts';
import { measureMixed, TASKS } from './mixed.ts';
import { ours } from './ours.ts';
import { measurePerCall } from './per-call.ts';
import { hitLines, mixedLines, perCallLines, recipeLines, verdictLines } from './report.ts';
import { type CacheResults, judgeCache } from './wanted.ts';

export interface CacheBenchOptions {
  readonly isQuick: boolean;
  readonly jsonFile: string | undefined;
}

const FULL = { rounds: 7, sliceMs: 1_000, warmUpMs: 2_000 };
const QUICK = { rounds: 3, sliceMs: 300, warmUpMs: 300 };
const CONNECTIONS = 10;
const CONTENDERS = [ours, handMade];

/** Runs the benchmark; true when everything wanted was seen. */
export async function runCacheBench(
  { isQuick, jsonFile }: CacheBenchOptions,
  database: BenchDatabase,
  output: Output,
): Promise<boolean> {
  const { rounds, sliceMs, warmUpMs } = isQuick ? QUICK : FULL;
  const url = database.urls.direct;
  output.line(describeMachine());
  output.line(database.facts[0]);
  output.line(`${rounds} rounds; figures are medians, ratios are medians of each round's ratio\n`);
  for (const sql of [WRITABLE_SQL, SEED_SQL, SETTLE_SQL]) await database.query(sql);

  const hits = await measureHits(url, rounds, (text) => output.progress(`a hit: ${text}`));
  for (const line of hitLines(hits)) output.line(line);
  output.line();

  for (const line of recipeLines(CONTENDERS)) output.line(line);
  output.line();
  const mixed = await measureMixed({ url, connections: CONNECTIONS }, CONTENDERS, {
    ...{ rounds, sliceMs, warmUpMs },
    onProgress: (text) => output.progress(`reads and writes: ${text}`),
  });
  const title = `Reads of 1,000 notes by Zipf's law, one call in ten a write, by ${TASKS} tasks on ${CONNECTIONS} connections`;
  for (const line of mixedLines(mixed, title)) output.line(line);
  output.line();

  const perCall = await measurePerCall(url, rounds, (text) => output.progress(`a service each: ${text}`));
  for (const line of perCallLines(perCall)) output.line(line);
  output.line();

  const results = { hits, mixed, perCall };
  const verdicts = judgeCache(results);
  for (const line of verdictLines(verdicts)) output.line(line);
  if (jsonFile !== undefined) {
    const rows = jsonRows(results);
    await writeFile(jsonFile, `${JSON.stringify(rows, undefined, 2)}\n`);
    output.line(`${rows.length} rows written to ${jsonFile}`);
  }
  return verdicts.every(({ kept }) => kept);
}

/** Medians of the rounds. */
function jsonRows({ hits, mixed, perCall }: CacheResults): readonly object[] {
  return [
    { bench: 'cache', case: 'hit', ...medianHits(hits), runs: hits.length },
    ...mixed.map(({ contender, slices, reads, stale, hitShare }) => ({
      ...{ bench: 'cache', case: 'mixed', contender },
      perSecond: median(slices.map(({ perSecond }) => perSecond)),
      cpuUs: median(slices.map(({ cpuUs }) => cpuUs)),
      ...{ reads, stale, hitShare, runs: slices.length },
    })),
    ...(['cachedUs', 'uncachedUs', 'perCallUs'] as const).map((name) => ({
      ...{ bench: 'cache', case: name },
      us: median(perCall.map((round) => round[name])),
      runs: perCall.length,
    })),
  ];
}
