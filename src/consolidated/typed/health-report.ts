import type { ModeName } from '../../contract/mode.ts';
import type { BreakerState, LoginName } from '../../contract/service-event.ts';

/** `degraded`: it answers, but not all of it is as it should be. */
export type HealthStatus = 'ok' | 'degraded' | 'down';

/** One mode of one login. */
export interface ModeHealth {
  readonly mode: ModeName;
  readonly login: LoginName;
  /** `degraded`: its breaker is not closed, or all its connections are busy and calls wait. */
  readonly status: HealthStatus;
  /** Milliseconds for one statement there and back; undefined if it was not answered. */
  readonly latencyMs: number | undefined;
  readonly breaker: BreakerState;
  /** Such as `17.2`. */
  readonly serverVersion: string | undefined;
  /** Its URL leads to what the mode is made for, and its login has no rights that it must not have. */
  readonly loginChecked: boolean;
  /** `code` of the error, if it was not answered. */
  readonly errorCode: string | undefined;
}

/** What `healthCheck` found. */
export interface HealthReport {
  /** `down`: no mode of the users' login answers. */
  readonly status: HealthStatus;
  readonly modes: readonly ModeHealth[];
  /** When it was found: milliseconds since the Unix epoch. */
  readonly at: number;
}

/** Options of `healthCheck`. */
export interface HealthCheckOptions {
  /** Milliseconds that all modes together may take. @defaultValue 2000 */
  readonly timeoutMs?: number;
}
