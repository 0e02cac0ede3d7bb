import type { BenchMode } from '../contender.ts';
import { CASES, type CaseName } from './contender.ts';
import type { Group, PlotName } from './group.ts';

export interface PlanFilter {
  readonly isQuick: boolean;
  /** That most groups work on, and as many vectors. */
  readonly rows: number;
  readonly plots: readonly PlotName[];
  readonly cases: readonly CaseName[];
  readonly modes: readonly BenchMode[];
}

/** Server connections that everybody may hold. In transaction mode clients are many and servers few. */
const CONNECTIONS: Readonly<Record<BenchMode, number>> = { direct: 20, transaction: 32 };

/** Owners of the rows, where a plot does not vary them. */
export const BENCH_USERS = 100;

/**
 * Every piece of work as an application meets it, a millisecond away: by one user, which shows how long a call takes, and by ten at a
 * time, which shows how many there can be. Then one thing changes: the network, the number of users who call at once, rows, owners,
 * processes.
 */
export function planned({ isQuick, rows, plots, cases, modes }: PlanFilter): readonly Group[] {
  const base = (mode: BenchMode): Omit<Group, 'plot' | 'case'> => ({
    mode,
    delayMs: 1,
    tasks: 10,
    connections: CONNECTIONS[mode],
    rows,
    users: BENCH_USERS,
    processes: 1,
  });
  const work = CASES.flatMap((name): readonly Group[] => {
    const alone: Group = { plot: 'work', case: name, ...base('direct'), tasks: 1 };
    if (isQuick) return [alone];
    return [alone, ...modesOf(name).map((mode): Group => ({ plot: 'work', case: name, ...base(mode) }))];
  });
  const select = { case: 'select', ...base('direct') } as const;
  const concurrency = (isQuick ? [10, 100] : [1, 10, 100, 1_000]).map(
    (tasks): Group => ({ ...select, plot: 'concurrency', tasks }),
  );
  const further: readonly Group[] = isQuick
    ? []
    : [
        ...(['select', 'page'] as const).flatMap((name) =>
          [0, 1, 5].map((delayMs): Group => ({ ...select, plot: 'network', case: name, delayMs, tasks: 1 })),
        ),
        ...[0.01, 0.1, 1, 10]
          .map((share) => share * rows)
          .map((rows): Group => ({ ...select, plot: 'rows', case: 'list', rows })),
        ...[10, 100, 1e3, 1e4].map((users): Group => ({ ...select, plot: 'users', case: 'list', users })),
        ...[1, 2, 4, 8].map((processes): Group => ({ ...select, plot: 'processes', delayMs: 0, processes })),
      ];
  return [...work, ...concurrency, ...further].filter(
    (group) => plots.includes(group.plot) && cases.includes(group.case) && modes.includes(group.mode),
  );
}

/** A transaction of several steps holds its connection, which a pooler in transaction mode cannot promise to ours. */
function modesOf(name: CaseName): readonly BenchMode[] {
  return name === 'transaction' ? ['direct'] : ['direct', 'transaction'];
}
