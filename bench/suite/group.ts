import type { BenchMode } from '../contender.ts';
import type { CaseName } from './contender.ts';

/** What a group shows, and which plot it belongs to. */
export const PLOTS = ['work', 'concurrency', 'network', 'rows', 'users', 'processes', 'recall'] as const;
export type PlotName = (typeof PLOTS)[number];

/** Everything that is the same for all contenders of a comparison. */
export interface Group {
  readonly plot: PlotName;
  readonly case: CaseName;
  readonly mode: BenchMode;
  /** Milliseconds of network added to every round trip. */
  readonly delayMs: number;
  /** Users who call at the same time, each with one call after the other. */
  readonly tasks: number;
  readonly connections: number;
  readonly rows: number;
  /** Users who own rows. */
  readonly users: number;
  readonly processes: number;
}

export function describeGroup(group: Group): string {
  const parts = [
    group.case,
    group.mode,
    `${group.tasks} at a time on ${group.connections} connections`,
    group.delayMs === 0 ? 'no delay' : `${group.delayMs} ms of network`,
    `${group.rows.toLocaleString('en')} rows of ${group.users.toLocaleString('en')} users`,
    ...(group.processes > 1 ? [`${group.processes} processes`] : []),
  ];
  return parts.join(' · ');
}
