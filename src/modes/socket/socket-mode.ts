import type { Clock } from '../../contract/clock.ts';
import type { OnConnection } from '../pool/connection-watch.ts';
import type { PoolSettings } from '../pool/pool-parts.ts';
import { type ModeTraits, PooledMode } from '../pool/pooled-mode.ts';
import { RefusedLogins } from '../pool/refused-logins.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { withPassword } from './login-password.ts';
import { openSocket } from './open-socket.ts';
import { refusesStartupParameter } from './reached-mode.ts';

export interface SocketModeOptions {
  readonly settings: ConnectionSettings;
  readonly pool: PoolSettings;
  readonly connectTimeoutMs: number;
  /** Named statements kept per connection. */
  readonly maxPrepared: number;
  /** In transaction mode. @defaultValue 'unnamed' */
  readonly pooledStatements?: 'unnamed' | 'named';
  /** Named statements were refused again and again, and are unnamed from now on. */
  readonly onNamesGivenUp?: (() => void) | undefined;
  /** Shared by all modes of a service. */
  readonly refusedLogins?: RefusedLogins;
  readonly onConnection?: OnConnection | undefined;
  readonly searchPath: readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
}

/** @param startupOptions of each connection */
export function socketMode(
  options: SocketModeOptions,
  traits: ModeTraits,
  startupOptions?: string,
): PooledMode {
  const { settings, connectTimeoutMs, maxPrepared, clock, refusedLogins = new RefusedLogins() } = options;
  return new PooledMode({
    traits,
    pool: options.pool,
    clock,
    random: options.random,
    searchPath: options.searchPath,
    onNamesGivenUp: options.onNamesGivenUp,
    onConnection: options.onConnection,
    restAfter: ({ code }) => refusedLogins.add(settings.host, clock.now(), code === 'LOGIN_BANNED'),
    open: () =>
      withPassword(settings, { clock, connectTimeoutMs }, async (password) => {
        const plain = { clock, connectTimeoutMs, maxPrepared, password, startupOptions: undefined };
        if (startupOptions === undefined) return openSocket(settings, plain);
        try {
          return await openSocket(settings, { ...plain, startupOptions });
        } catch (error) {
          // A pooler. The check of the URL says so, and needs a connection for it.
          if (!refusesStartupParameter(error)) throw error;
          return openSocket(settings, plain);
        }
      }),
  });
}
