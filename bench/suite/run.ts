import { createTestDatabase, type TestDatabase } from '../../test/support/full-stack.ts';
import type { Target } from '../contender.ts';
import { benchFacts, benchUrls } from '../database.ts';
import { describeMachine } from '../machine.ts';
import { Network } from '../network.ts';
import type { Output } from '../output.ts';
import type { SuiteContender } from './contender.ts';
import { suiteContenders } from './contenders/all.ts';
import { describeGroup, type Group } from './group.ts';
import type { SuiteOptions } from './options.ts';
import { FULL_ROWS, planned, QUICK_ROWS } from './plan.ts';
import { groupLines, recipeLines } from './report.ts';
import { runRounds } from './rounds.ts';
import { type GroupResult, suiteRow } from './suite-row.ts';
import { fillPlaces } from './vectors.ts';
import { Questions, SETTLE_TRIPS_SQL, tripsSql, WORLD_SQL } from './world.ts';

/** What was measured, and on what. */
export interface SuiteRun {
  readonly facts: readonly string[];
  readonly startedAt: string;
  readonly results: readonly GroupResult[];
}

/** Runs the suite in a database of its own, which is dropped behind it. */
export async function runSuite(options: SuiteOptions, output: Output): Promise<SuiteRun> {
  const startedAt = new Date().toISOString();
  const database = await createTestDatabase({ sql: WORLD_SQL });
  const interrupted = () => void database.drop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  try {
    const facts = [
      describeMachine(),
      ...(await benchFacts(database)),
      `${options.rounds} rounds of ${options.sliceMs / 1e3} s for each contender, in rotating order; figures are medians of the rounds, ratios are medians of each round's ratio, and “no difference” where they spread over 1`,
    ];
    for (const fact of facts) output.line(fact);
    const contenders = suiteContenders(options.contenders);
    output.line();
    for (const line of recipeLines(contenders)) output.line(line);
    return { facts, startedAt, results: await measureAll(options, database, contenders, output) };
  } finally {
    process.off('SIGINT', interrupted);
    await database.drop();
  }
}

async function measureAll(
  options: SuiteOptions,
  database: TestDatabase,
  contenders: readonly SuiteContender[],
  output: Output,
): Promise<readonly GroupResult[]> {
  const groups = planned(options);
  const needsVectors = groups.some(({ case: name }) => name === 'vector-search' || name === 'page');
  const count = options.isQuick ? QUICK_ROWS : FULL_ROWS;
  const vectors = needsVectors ? await fillPlaces(database, count, (text) => output.progress(text)) : [];
  const network = new Network(benchUrls(database), (text) => output.line(`\n${text}`));
  const results: GroupResult[] = [];
  try {
    for (const [at, group] of groups.entries()) {
      const taking = contenders.filter((each) => takesPart(each, group));
      if (taking.length === 0) continue;
      await database.query(tripsSql(group));
      await database.query(SETTLE_TRIPS_SQL);
      const url = await network.urlFor(group.mode, group.delayMs);
      const target: Target = { url, mode: group.mode, connections: group.connections };
      const title = `${at + 1} of ${groups.length}, ${describeGroup(group)}`;
      const questions = new Questions({ ...group, vectors: count }, vectors);
      const measured = await runRounds(group, target, taking, questions, {
        rounds: options.rounds,
        sliceMs: options.sliceMs,
        warmUpMs: options.warmUpMs,
        onProgress: (text) => output.progress(`${title}: ${text}`),
      });
      results.push({ group, rows: measured.map((each) => suiteRow(group, each)) });
      output.line();
      for (const line of groupLines(results.at(-1)!)) output.line(line);
    }
  } finally {
    await network.close();
  }
  return results;
}

/** A service of its own for each call is too slow to be worth more than its first groups. */
function takesPart({ name, cases, modes }: SuiteContender, group: Group): boolean {
  if (name === 'per-call' && group.plot !== 'work') return false;
  return (cases?.includes(group.case) ?? true) && (modes?.includes(group.mode) ?? true);
}
