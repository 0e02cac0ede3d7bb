import type { CallTimes } from './call-times.ts';
import type { CurrentFlag } from './current-flag.ts';
import type { RolloutTrip } from './flag-source.ts';
import type { OperationName, ToldFlag } from './rollout-flag.ts';
import type { Shadow, ShadowCounts } from './shadow.ts';

/** How a rollout is, as one process sees it. */
export interface RolloutStatus {
  /** Undefined where there is none: everything goes to the legacy service. */
  readonly flag: ToldFlag | undefined;
  /** `unreadable`: the last flag is used. `unknown`: it is too old, and `whenUnknown` decides. */
  readonly source: 'readable' | 'unreadable' | 'unknown';
  /** Set while the guard keeps traffic from the consolidated service. */
  readonly trip: RolloutTrip | undefined;
  readonly shadow: ShadowCounts;
  /** By operation and table, since the rollout was made. `faults` are calls that failed through no fault of the request. */
  readonly calls: readonly RolloutCalls[];
}

/** Calls of one operation to one table. */
export interface RolloutCalls {
  readonly operation: OperationName;
  readonly table: string;
  readonly legacy: { readonly calls: number; readonly faults: number };
  readonly consolidated: { readonly calls: number; readonly faults: number };
}

export function rolloutStatus<S>(of: {
  readonly current: CurrentFlag;
  readonly times: CallTimes;
  readonly shadow: Shadow<S>;
}): RolloutStatus {
  const { flag, readability, trip } = of.current;
  return {
    flag,
    source: readability,
    trip,
    shadow: of.shadow.counts,
    calls: Array.from(of.times.kinds, ({ operation, table, totals }) => ({
      operation,
      table,
      legacy: { ...totals.legacy },
      consolidated: { ...totals.consolidated },
    })),
  };
}
