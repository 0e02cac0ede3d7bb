import type { PooledMode } from '../pool/pooled-mode.ts';
import { type SocketModeOptions, socketMode } from './socket-mode.ts';

/**
 * A pooler in session mode: one server connection for as long as ours lives, so that all that `direct` can
 * do works here. The pooler's cap on session clients counts over all processes: keep the pool small.
 */
export function sessionMode(options: SocketModeOptions): PooledMode {
  return socketMode(options, {
    name: 'session',
    capabilities: { pinned: true, parallel: true, cancel: true },
    style: 'named',
    pooled: false,
    discardCommands: () => ['discard all'],
  });
}
