import type { PooledMode } from './pooled-mode.ts';
import { type SocketModeOptions, socketMode } from './socket-mode.ts';

/**
 * A pooler in transaction mode: each batch may meet another server connection, in whatever state the
 * last client left it. Unnamed statements only, one Sync at a time, one JSON document per answer.
 */
export function transactionMode(options: SocketModeOptions): PooledMode {
  return socketMode(options, {
    name: 'transaction',
    capabilities: { pinned: false, parallel: true, cancel: true },
    style: 'document',
    pooled: true,
    discardCommands: () => [],
  });
}
