import type { Socket } from 'node:net';

/**
 * Resets a connection (RST). One whose end is being sent cannot be reset (EINVAL), and Node would then never close its
 * socket: such a one is only closed.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
