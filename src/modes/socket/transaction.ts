import type { PooledMode } from '../pool/pooled-mode.ts';
import { type SocketModeOptions, socketMode } from './socket-mode.ts';

/**
 * A pooler in transaction mode: each batch may meet another server connection, in whatever state the
 * last client left it. One Sync at a time, one JSON document per answer, and unnamed statements unless the
 * options say that the pooler follows names.
 */
export function transactionMode(options: SocketModeOptions): PooledMode {
  return socketMode(options, {
    name: 'transaction',
    capabilities: { pinned: false, parallel: true, cancel: true },
    style: options.pooledStatements === 'named' ? 'named-document' : 'document',
    pooled: true,
    discardCommands: () => [],
  });
}
