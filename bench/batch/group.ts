import type { BenchMode } from '../contender.ts';

export const CASES = ['rls-read', 'rls-insert'] as const;
export type CaseName = (typeof CASES)[number];

/** Everything that is the same for all contenders of a comparison. */
export interface Group {
  readonly case: CaseName;
  readonly mode: BenchMode;
  /** Milliseconds of network added to every round trip. */
  readonly delayMs: number;
  readonly tasks: number;
  readonly connections: number;
}

/** Tasks and connections: one task measures the latency of a call, 32 measure the throughput. */
export const SETTINGS: readonly Pick<Group, 'mode' | 'tasks' | 'connections'>[] = [
  { mode: 'direct', tasks: 32, connections: 10 },
  { mode: 'direct', tasks: 1, connections: 10 },
  { mode: 'transaction', tasks: 32, connections: 32 },
];

export const DELAYS_MS: readonly number[] = [0, 1];

export interface GroupFilter {
  readonly cases: readonly CaseName[];
  readonly modes: readonly BenchMode[];
  readonly delaysMs: readonly number[];
}

/** The reads come before the inserts, which make the table grow. */
export function groups({ cases, modes, delaysMs }: GroupFilter): readonly Group[] {
  return cases.flatMap((name) =>
    SETTINGS.filter(({ mode }) => modes.includes(mode)).flatMap((setting) =>
      delaysMs.map((delayMs) => ({ case: name, ...setting, delayMs })),
    ),
  );
}

export function describeGroup(group: Group): string {
  const tasks = group.tasks === 1 ? '1 task' : `${group.tasks} tasks`;
  const delay = group.delayMs === 0 ? 'no delay' : `${group.delayMs} ms of network`;
  return `${group.case} · ${group.mode} · ${tasks} on ${group.connections} connections · ${delay}`;
}
