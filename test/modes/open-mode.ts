import { systemClock } from '../../src/contract/clock.ts';
import type { ConnectionMode } from '../../src/contract/mode.ts';
import { parseConnectionUrl } from '../../src/modes/socket/connection-settings.ts';
import { directMode } from '../../src/modes/socket/direct.ts';
import { sessionMode } from '../../src/modes/socket/session.ts';
import type { SocketModeOptions } from '../../src/modes/socket/socket-mode.ts';
import { transactionMode } from '../../src/modes/socket/transaction.ts';

const makers = { direct: directMode, session: sessionMode, transaction: transactionMode } as const;

export function modeOver(
  name: keyof typeof makers,
  url: string,
  pool: Partial<SocketModeOptions['pool']> = {},
  pooledStatements: 'unnamed' | 'named' = 'unnamed',
): ConnectionMode {
  return makers[name]({
    settings: parseConnectionUrl(name, url, 'conformance'),
    pool: { max: 4, maxWaiting: 100, idleTimeoutMs: 10_000, maxLifetimeMs: 600_000, ...pool },
    connectTimeoutMs: 3_000,
    maxPrepared: 8,
    pooledStatements,
    searchPath: ['public', 'extensions'],
    clock: systemClock,
    random: () => 0.5,
  });
}
