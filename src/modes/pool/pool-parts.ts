import type { Clock } from '../../contract/clock.ts';
import type { ModeName } from '../../contract/mode.ts';
import type { WireConnection } from '../wire/wire-connection.ts';

export interface PoolSettings {
  /** Connections at most. */
  readonly max: number;
  /** Callers that may wait for one; one more is refused with `OVERLOADED`. */
  readonly maxWaiting: number;
  /** An idle connection is closed after this long. */
  readonly idleTimeoutMs: number;
  /** A connection is replaced after this long, spread by up to a tenth so that they do not all end at once. */
  readonly maxLifetimeMs: number;
}

export interface PoolParts {
  readonly mode: ModeName;
  readonly settings: PoolSettings;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly open: () => Promise<WireConnection>;
  /** Makes a connection on which SQL of the caller's own ran as good as new; rejects when it cannot. */
  readonly discard: (connection: WireConnection) => Promise<void>;
}
