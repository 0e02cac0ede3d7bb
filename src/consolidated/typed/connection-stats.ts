import type { ModeName } from '../../contract/mode.ts';
import type { BreakerState, LoginName } from '../../contract/service-event.ts';

/** The connections of one mode and one login, now. */
export interface ConnectionStats {
  readonly mode: ModeName;
  /** `users` also serves `service()` where both share a login. */
  readonly login: LoginName;
  /** Connections that a call uses. */
  readonly active: number;
  /** Open connections that nobody uses. */
  readonly idle: number;
  /** Calls that wait for a connection. */
  readonly waiting: number;
  /** The most connections that there may be. */
  readonly max: number;
  /** `active` of `max`, from 0 to 1. */
  readonly utilization: number;
  readonly breaker: BreakerState;
}
