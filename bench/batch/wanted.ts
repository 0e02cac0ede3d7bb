import type { ContenderName } from '../contender.ts';
import type { Group } from './group.ts';
import { type GroupResult, type Measure, measureOf, timesBetter } from './summary.ts';

/** A promise of this project about its speed: ours is at least `atLeast` times as good as the other. */
export interface Wanted {
  readonly group: Group;
  readonly against: ContenderName;
  readonly atLeast: number;
}

const DIRECT_THROUGHPUT: Group = { case: 'rls-read', mode: 'direct', delayMs: 0, tasks: 32, connections: 10 };
const DIRECT_LATENCY: Group = { case: 'rls-read', mode: 'direct', delayMs: 1, tasks: 1, connections: 10 };
const POOLED_THROUGHPUT: Group = {
  case: 'rls-read',
  mode: 'transaction',
  delayMs: 0,
  tasks: 32,
  connections: 32,
};

export const WANTED: readonly Wanted[] = [
  ...wantedIn(DIRECT_THROUGHPUT, { 'raw-socket': 0.6, 'postgres.js': 2.8, pg: 3, drizzle: 5 }),
  // A median latency of at most 1.15 times the raw socket's.
  ...wantedIn(DIRECT_LATENCY, {
    'raw-socket': 1 / 1.15,
    'postgres.js': 3.5,
    pg: 3.5,
    drizzle: 3.5,
    kysely: 3.5,
  }),
  ...wantedIn(POOLED_THROUGHPUT, { 'raw-socket': 0.75, 'postgres.js': 3, drizzle: 3, pg: 2.3, kysely: 2.3 }),
];

export interface Verdict extends Wanted {
  readonly measure: Measure;
  /** `undefined` when the group, or one of the two contenders, was not part of the run. */
  readonly seen: number | undefined;
  readonly kept: boolean;
}

export function judge(
  results: readonly GroupResult[],
  wanted: readonly Wanted[] = WANTED,
): readonly Verdict[] {
  return wanted.map((each) => {
    const measure = measureOf(each.group);
    const seen = seenIn(results, each, measure);
    return { ...each, measure, seen, kept: seen !== undefined && seen >= each.atLeast };
  });
}

function seenIn(
  results: readonly GroupResult[],
  { group, against }: Wanted,
  measure: Measure,
): number | undefined {
  const result = results.find((each) => sameGroup(each.group, group));
  const ours = result?.measurements.find(({ contender }) => contender === 'consolidated-db');
  const theirs = result?.measurements.find(({ contender }) => contender === against);
  if (ours === undefined || theirs === undefined) return undefined;
  return timesBetter(measure, ours, theirs);
}

function sameGroup(a: Group, b: Group): boolean {
  return (
    a.case === b.case &&
    a.mode === b.mode &&
    a.delayMs === b.delayMs &&
    a.tasks === b.tasks &&
    a.connections === b.connections
  );
}

function wantedIn(group: Group, bounds: Partial<Record<ContenderName, number>>): Wanted[] {
  return Object.entries(bounds).map(([against, atLeast]) => ({
    group,
    against: against as ContenderName,
    atLeast,
  }));
}
