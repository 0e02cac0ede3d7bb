import type { Clock } from '../../contract/clock.ts';
import type { DatabaseError } from '../../contract/errors.ts';
import type { ModeName } from '../../contract/mode.ts';
import type { WireConnection } from '../wire/wire-connection.ts';
import type { OnConnection } from './connection-watch.ts';

export interface PoolSettings {
  /** Maximum number of connections. */
  readonly max: number;
  /** Maximum number of callers waiting for one; one more is refused with `OVERLOADED`. */
  readonly maxWaiting: number;
  /** An idle connection is closed after this long. */
  readonly idleTimeoutMs: number;
  /** A connection is replaced after this long, less a random part of up to a tenth, so that they do not all end at the same time. */
  readonly maxLifetimeMs: number;
}

export interface PoolParts {
  readonly mode: ModeName;
  readonly settings: PoolSettings;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly open: () => Promise<WireConnection>;
  /** Milliseconds for which a login that was refused is not tried again. */
  readonly restAfter: (refusal: DatabaseError) => number;
  /** Resets a connection on which raw SQL ran; rejects when it cannot. */
  readonly discard: (connection: WireConnection) => Promise<void>;
  readonly onConnection?: OnConnection | undefined;
}
