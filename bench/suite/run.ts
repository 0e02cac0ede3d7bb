import { describeMachine } from '../../src/bench/machine.ts';
import type { Output } from '../../src/bench/run-output.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/full-stack.ts';
import type { Target } from '../contender.ts';
import { benchFacts, benchUrls } from '../database.ts';
import { Network } from '../network.ts';
import { searchLines } from '../vectors/report.ts';
import type { VectorRow } from '../vectors/summary.ts';
import type { ContenderName, SuiteContender } from './contender.ts';
import { type LeftOut, takingPart } from './contenders/all.ts';
import { followNames } from './followed-names.ts';
import { describeGroup, type Group } from './group.ts';
import type { SuiteOptions } from './options.ts';
import { measurePeakLoad, type PeakLoad } from './peak-load.ts';
import { planned } from './plan.ts';
import { measureRecall } from './recall.ts';
import { groupLines, leftOutLines, peakLoadLines, recipeLines } from './report.ts';
import { runRounds } from './rounds.ts';
import { type GroupResult, suiteRow } from './suite-row.ts';
import { fillPlaces } from './vectors.ts';
import { Questions, SETTLE_TRIPS_SQL, tripsSql, WORLD_SQL } from './world.ts';

/** What was measured, and on what. */
export interface SuiteRun {
  readonly facts: readonly string[];
  readonly startedAt: string;
  readonly contenders: readonly SuiteContender[];
  readonly leftOut: readonly LeftOut[];
  readonly results: readonly GroupResult[];
  readonly peakLoads: readonly PeakLoad[];
  readonly recall: readonly VectorRow[];
}

/** As many users who come on their own are measured at a share of the peak. */
const MANY_USERS = 1_000;
const AT_PEAK: readonly ContenderName[] = ['consolidated-db', 'postgres.js'];

/** Runs the suite in a database of its own, which is dropped behind it. */
export async function runSuite(options: SuiteOptions, output: Output): Promise<SuiteRun> {
  const { contenders: names, contendersAreNamed: areNamed, isQuick, dataApi } = options;
  const { contenders, leftOut } = takingPart({ names, areNamed, isQuick, dataApi });
  const startedAt = new Date().toISOString();
  const forgetNames = await followNames();
  const database = await createTestDatabase({ sql: WORLD_SQL }).catch(async (error: unknown) => {
    await forgetNames();
    throw error;
  });
  const cleanUp = () => Promise.all([forgetNames(), database.drop()]);
  const interrupted = () => void cleanUp().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  try {
    const facts = [
      describeMachine(),
      ...(await benchFacts(database)),
      `${options.rounds} rounds of ${options.sliceMs / 1e3} s for each contender, in rotating order; figures are medians of the rounds, ratios are medians of each round's ratio, and “no difference” where they spread over 1`,
    ];
    for (const fact of facts) output.line(fact);
    output.line();
    for (const line of recipeLines(contenders)) output.line(line);
    for (const line of leftOutLines(leftOut)) output.line(line);
    const measured = await measureAll(options, database, contenders, output);
    const recall = hasRecall(options) ? await measureRecall(options, output) : [];
    for (const line of searchLines(recall)) output.line(line);
    return { facts, startedAt, contenders, leftOut, ...measured, recall };
  } finally {
    process.off('SIGINT', interrupted);
    await cleanUp();
  }
}

/** Its table of vectors takes minutes to build. */
function hasRecall({ isQuick, plots, cases, modes }: SuiteOptions): boolean {
  return !isQuick && plots.includes('recall') && cases.includes('vector-search') && modes.includes('direct');
}

async function measureAll(
  options: SuiteOptions,
  database: TestDatabase,
  contenders: readonly SuiteContender[],
  output: Output,
): Promise<Pick<SuiteRun, 'results' | 'peakLoads'>> {
  const groups = planned(options);
  const needsVectors = groups.some(({ case: name }) => name === 'vector-search' || name === 'page');
  const vectors = needsVectors
    ? await fillPlaces(database, options.rows, (text) => output.progress(text))
    : [];
  const network = new Network(benchUrls(database), (text) => output.line(`\n${text}`));
  const results: GroupResult[] = [];
  const peakLoads: PeakLoad[] = [];
  try {
    for (const [at, group] of groups.entries()) {
      const taking = contenders.filter((each) => takesPart(each, group));
      if (taking.length === 0) continue;
      await database.query(tripsSql(group));
      await database.query(SETTLE_TRIPS_SQL);
      const url = await network.urlFor(group.mode, group.delayMs);
      const target: Target = { url, mode: group.mode, connections: group.connections };
      const title = `${at + 1} of ${groups.length}, ${describeGroup(group)}`;
      const questions = new Questions({ ...group, vectors: options.rows }, vectors);
      const measured = await runRounds(group, target, taking, questions, {
        rounds: options.rounds,
        sliceMs: options.sliceMs,
        warmUpMs: options.warmUpMs,
        onProgress: (text) => output.progress(`${title}: ${text}`),
      });
      results.push({ group, rows: measured.map((each) => suiteRow(group, each)) });
      output.line();
      for (const line of groupLines(results.at(-1)!)) output.line(line);
      if (group.plot !== 'concurrency' || group.tasks < MANY_USERS) continue;
      for (const contender of taking) {
        if ('enter' in contender || !AT_PEAK.includes(contender.name)) continue;
        output.progress(`${title}: ${contender.name}, asked at random moments`);
        const row = results.at(-1)!.rows.find((each) => each.contender === contender.name)!;
        const durationMs = options.sliceMs * options.rounds;
        peakLoads.push(await measurePeakLoad(contender, row, group, target, questions, durationMs));
      }
      output.line();
      for (const line of peakLoadLines(peakLoads)) output.line(line);
    }
  } finally {
    await network.close();
  }
  return { results, peakLoads };
}

function takesPart({ cases, modes, plots }: SuiteContender, group: Group): boolean {
  return (
    (cases?.includes(group.case) ?? true) &&
    (modes?.includes(group.mode) ?? true) &&
    (plots?.includes(group.plot) ?? true)
  );
}
