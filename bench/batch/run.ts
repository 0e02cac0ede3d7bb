import { writeFile } from 'node:fs/promises';
import { describeMachine } from '../../src/bench/machine.ts';
import type { Output } from '../../src/bench/run-output.ts';
import type { Contender } from '../contender.ts';
import { contendersNamed } from '../contenders/all.ts';
import type { BenchDatabase } from '../database.ts';
import { Network } from '../network.ts';
import { SEED_SQL, SETTLE_SQL } from '../notes.ts';
import { describeGroup, type Group, groups } from './group.ts';
import type { BatchOptions } from './options.ts';
import { groupLines, recipeLines, verdictLines } from './report.ts';
import { runRounds } from './rounds.ts';
import { benchRow, type GroupResult } from './summary.ts';
import { judge } from './wanted.ts';

/** For code that has run before: the pages of the table and the connections. */
const SHORT_WARM_UP_MS = 500;
/** See `SliceOptions`. */
const RUN_UP_MS = 500;

/** Runs the benchmark; true when every wanted ratio was measured and met. */
export async function runBatchBench(
  options: BatchOptions,
  database: BenchDatabase,
  output: Output,
): Promise<boolean> {
  output.line(describeMachine());
  for (const line of database.facts) output.line(line);
  output.line(
    `${options.rounds} rounds of ${options.sliceMs / 1e3} s for each contender, in rotating order, each after ${Math.min(RUN_UP_MS, options.sliceMs) / 1e3} s unmeasured, all after ${options.warmUpMs / 1e3} s of warm-up; figures are medians of the rounds, ratios are medians of each round's ratio`,
  );

  const contenders = contendersNamed(options.contenders);
  output.line();
  for (const line of recipeLines(contenders)) output.line(line);
  const network = new Network(database.urls, (text) => output.line(`\n${text}`));
  const results: GroupResult[] = [];
  const warm = new Set<string>();
  try {
    for (const group of groups(options)) {
      results.push(await measureGroup(group, contenders, options, database, network, output, warm));
      output.line();
      for (const line of groupLines(results.at(-1)!)) output.line(line);
    }
  } finally {
    await network.close();
  }

  const verdicts = judge(results);
  output.line();
  for (const line of verdictLines(verdicts)) output.line(line);
  if (options.jsonFile !== undefined) {
    const rows = results.flatMap(({ group, measurements }) =>
      measurements.map((each) => benchRow(group, each)),
    );
    await writeFile(options.jsonFile, `${JSON.stringify(rows, undefined, 2)}\n`);
    output.line(`${rows.length} rows written to ${options.jsonFile}`);
  }
  return verdicts.every((verdict) => verdict.kept);
}

async function measureGroup(
  group: Group,
  contenders: readonly Contender[],
  options: BatchOptions,
  database: BenchDatabase,
  network: Network,
  output: Output,
  warm: Set<string>,
): Promise<GroupResult> {
  const code = `${group.case} ${group.mode}`;
  const warmUpMs = warm.has(code) ? Math.min(options.warmUpMs, SHORT_WARM_UP_MS) : options.warmUpMs;
  warm.add(code);
  const url = await network.urlFor(group.mode, group.delayMs);
  await database.query(SEED_SQL);
  await database.query(SETTLE_SQL);
  const measurements = await runRounds(
    group,
    { url, mode: group.mode, connections: group.connections },
    contenders,
    {
      rounds: options.rounds,
      sliceMs: options.sliceMs,
      warmUpMs,
      runUpMs: Math.min(RUN_UP_MS, options.sliceMs),
      onProgress: (text) => output.progress(`${describeGroup(group)}: ${text}`),
    },
  );
  return { group, measurements };
}
