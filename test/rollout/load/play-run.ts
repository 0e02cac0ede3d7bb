import type { RolloutFlag } from '../../../src/index.ts';
import { SeededRandom } from '../../support/network/seeded-random.ts';
import { type JudgedPhase, judgedPhases } from './judged-phases.ts';
import { LoadScene, type LoadSceneOptions } from './load-scene.ts';
import { type Pace, Phases, REASONS, type SideFault } from './phases.ts';
import type { ApiReport } from './two-apis.ts';

export interface LoadRunOptions extends LoadSceneOptions {
  readonly pace: Pace;
  /** Changes of the flag: the five of `FIRST`, and then by the seed. */
  readonly changes: number;
  readonly faults: readonly SideFault[];
}

/** What one run has shown. */
export interface Run {
  readonly phases: readonly JudgedPhase[];
  readonly answers: number;
  readonly made: number;
  /** In sentences. None is how it should be. */
  readonly broken: readonly string[];
}

const FIRST: readonly RolloutFlag[] = [
  { percentage: 0 },
  { percentage: 50 },
  { percentage: 100 },
  { percentage: 100, killed: true },
  { percentage: 0 },
];
const NAMED = 5;

/** Plays the changes and the faults under load, and holds all answers to what was promised. */
export async function playRun({ pace, changes, faults, ...options }: LoadRunOptions): Promise<Run> {
  await using scene = await LoadScene.open(options);
  const phases = new Phases(scene, pace);
  const random = new SeededRandom(options.seed);
  const play = async (): Promise<void> => {
    for (const flag of flagsOf(changes, random)) await phases.flag(flag);
    for (const fault of faults) await phases.fault(fault);
  };
  // What came before is still held to its word.
  const stoppedBy = await play().then(
    () => [],
    (error: unknown) => [`it could not go on: ${error}`],
  );
  const reports = await scene.reports();
  const unanswered = await scene.load.stop();
  const judged = judgedPhases(phases.done, scene.load.answers);
  const lostOrDoubled = await scene.lostOrDoubled();
  return {
    phases: judged,
    answers: scene.load.answers.length,
    made: scene.load.made.length,
    broken: [
      ...stoppedBy,
      ...judged.flatMap(brokenIn),
      ...reports.flatMap((report, process) => brokenTrips(report, process, faults)),
      ...(unanswered > 0 ? [`${unanswered} requests had no answer`] : []),
      ...lostOrDoubled.slice(0, NAMED).map((title) => `the trip '${title}' is not there once`),
    ],
  };
}

/** Each another one than that before. */
function flagsOf(changes: number, random: SeededRandom): RolloutFlag[] {
  const flags = FIRST.slice(0, changes);
  while (flags.length < changes) {
    flags.push(random.pick(FIRST.slice(1).filter((flag) => flag !== flags.at(-1)))!);
  }
  return flags;
}

function brokenIn({ name, belongs, legacy, consolidated, failed, wrong }: JudgedPhase): string[] {
  const isSplit = belongs !== 'by user' || Math.min(legacy, consolidated) > 0;
  return [
    ...failed.slice(0, NAMED).map((answer) => `${name}: ${JSON.stringify(answer)} failed`),
    ...wrong.slice(0, NAMED).map((answer) => `${name}: ${JSON.stringify(answer)} is on the wrong side`),
    ...(isSplit ? [] : [`${name}: one side had no calls at all`]),
  ];
}

/** Each process tells of each fault, says why, and of no other; and of each return. */
function brokenTrips(
  { events, faults: logged }: ApiReport,
  process: number,
  faults: readonly SideFault[],
): string[] {
  const told = events.flatMap(({ event }) => {
    if (event.type === 'tripped') return [event.trip.reason];
    return event.type === 'reset' ? ['reset'] : [];
  });
  const expected = faults.flatMap((fault) => [REASONS[fault], 'reset']);
  if (told.join() === expected.join()) return [];
  return [
    `process ${process} told of [${told.join()}], not of [${expected.join()}]: ${JSON.stringify(events.filter(({ event }) => event.type !== 'difference'))} ${logged.slice(0, NAMED).join(' ')}`,
  ];
}
