import type { PooledMode } from '../pool/pooled-mode.ts';
import { type SocketModeOptions, socketMode } from './socket-mode.ts';

/**
 * A pooler in session mode: one server connection for as long as our connection is open, so everything that
 * `direct` can do works here. The pooler limits session clients of all processes together: keep the pool small.
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
