import type { PooledMode } from '../pool/pooled-mode.ts';
import { type SocketModeOptions, socketMode } from './socket-mode.ts';

/**
 * A pooler in transaction mode: each batch may get another server connection, in the state in which the
 * last client left it. One Sync at a time, one JSON document per answer, and unnamed statements unless the
 * options say that the pooler supports named ones.
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
