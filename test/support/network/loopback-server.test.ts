import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LoopbackServer } from './loopback-server.ts';
import { RawClient } from './raw-client.ts';

describe('loopback server', () => {
  it('stops with connections open, and twice', async () => {
    const server = new LoopbackServer(() => undefined);
    const address = await server.start();
    const socket = connect(address);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.resume();
    await expect.poll(() => server.openConnections).toBe(1);
    await server.stop();
    await closed;
    await server.stop();
    await expect(RawClient.open(address)).rejects.toThrow('ECONNREFUSED');
  });
});
