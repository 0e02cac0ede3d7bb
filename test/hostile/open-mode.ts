import { systemClock } from '../../src/contract/clock.ts';
import type { ConnectionMode } from '../../src/contract/mode.ts';
import { parseConnectionUrl } from '../../src/modes/socket/connection-settings.ts';
import { directMode } from '../../src/modes/socket/direct.ts';
import { sessionMode } from '../../src/modes/socket/session.ts';
import type { SocketModeOptions } from '../../src/modes/socket/socket-mode.ts';
import { transactionMode } from '../../src/modes/socket/transaction.ts';

const MAKERS = { direct: directMode, session: sessionMode, transaction: transactionMode } as const;

export type SocketModeName = keyof typeof MAKERS;

export interface OpenModeOptions {
  readonly pool?: Partial<SocketModeOptions['pool']>;
  /** @defaultValue 1_000 */
  readonly connectTimeoutMs?: number;
}

/** A mode over a server, a fake or a proxy, as the service would make it. */
export function openMode(name: SocketModeName, url: string, options: OpenModeOptions = {}): ConnectionMode {
  return MAKERS[name]({
    settings: parseConnectionUrl(name, url, 'hostile-test'),
    pool: { max: 4, maxWaiting: 100, idleTimeoutMs: 10_000, maxLifetimeMs: 600_000, ...options.pool },
    connectTimeoutMs: options.connectTimeoutMs ?? 1_000,
    maxPrepared: 8,
    searchPath: ['public', 'extensions'],
    clock: systemClock,
    random: () => 0.5,
  });
}
