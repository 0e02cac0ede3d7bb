import type { PooledMode } from '../pool/pooled-mode.ts';
import { type SocketModeOptions, socketMode } from './socket-mode.ts';

/**
 * A direct connection to Postgres: named prepared statements, typed rows, interactive transactions.
 */
export function directMode(options: SocketModeOptions): PooledMode {
  return socketMode(options, {
    name: 'direct',
    capabilities: { pinned: true, parallel: true, cancel: true },
    style: 'named',
    pooled: false,
    discardCommands: () => ['discard all'],
  });
}
