import type { PooledMode } from '../pool/pooled-mode.ts';
import { startupOptions } from '../wire/session-defaults.ts';
import { searchPathValue } from '../wire/set-up.ts';
import { type SocketModeOptions, socketMode } from './socket-mode.ts';

/**
 * A direct connection to Postgres: named prepared statements, typed rows, interactive transactions. The session starts with
 * the pins of every batch as its defaults.
 */
export function directMode(options: SocketModeOptions): PooledMode {
  return socketMode(
    options,
    {
      name: 'direct',
      capabilities: { pinned: true, parallel: true, cancel: true },
      style: 'named',
      pooled: false,
      discardCommands: () => ['discard all'],
    },
    startupOptions(searchPathValue(options.searchPath)),
  );
}
