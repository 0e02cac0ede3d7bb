import type { BreakerView } from '../../contract/breaker-view.ts';
import type { Way } from '../connections/connections.ts';
import type { ConnectionStats } from '../typed/connection-stats.ts';

/** The connections of each mode and login, as they are now. */
export function connectionStats(ways: readonly Way[], breakers: BreakerView): ConnectionStats[] {
  return ways.map(({ mode, login }) => {
    const { idle, busy, waiting, max } = mode.stats();
    const breaker = breakers.stateOf(mode.name, login);
    return { mode: mode.name, login, active: busy, idle, waiting, max, utilization: busy / max, breaker };
  });
}
