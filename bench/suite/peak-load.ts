import { seededRandom } from '../../src/bench/seeded-random.ts';
import type { Target } from '../contender.ts';
import { callOf } from './calls.ts';
import type { ClientContender, ContenderName } from './contender.ts';
import type { Group } from './group.ts';
import { type OpenLoop, runOpenLoop } from './open-loop.ts';
import type { SuiteRow } from './suite-row.ts';
import type { Questions } from './world.ts';

/** A contender under the load of many independent users, at a share of what it can do at most. */
export interface PeakLoad extends OpenLoop {
  readonly contender: ContenderName;
  readonly group: Group;
}

/** Of the most calls a second that were measured. */
const SHARE_OF_PEAK = 0.7;
const SEED = 7;

/** @param row - what the contender did at most, in the group with the most users */
export async function measurePeakLoad(
  contender: ClientContender,
  row: SuiteRow,
  group: Group,
  target: Target,
  questions: Questions,
  durationMs: number,
): Promise<PeakLoad> {
  const client = await contender.open(target);
  try {
    const result = await runOpenLoop(callOf(group.case, client, questions), {
      rate: row.perSecond * SHARE_OF_PEAK,
      durationMs,
      warmUpMs: durationMs / 3,
      random: seededRandom(SEED),
      utilization: client.utilization?.bind(client),
    });
    return { contender: contender.name, group, ...result };
  } finally {
    await client.close();
  }
}

/** One line for each. */
export function peakLoadCells(load: PeakLoad): readonly string[] {
  const ms = (us: number) => (us / 1e3).toFixed(2);
  return [
    load.contender,
    load.rate.toFixed(0),
    ms(load.p50Us),
    ms(load.p95Us),
    ms(load.p99Us),
    (load.p99Us / load.p50Us).toFixed(1),
    load.utilization === undefined ? '' : `${(load.utilization * 100).toFixed(0)} %`,
    String(load.failed),
  ];
}

export const PEAK_LOAD_TITLES = [
  'contender',
  'calls/s asked for',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'p99 / p50',
  'connections in use',
  'failed',
] as const;
