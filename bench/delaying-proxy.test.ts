import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DelayingProxy, startDelayingProxy, viaPort } from './delaying-proxy.ts';

let server: Server;
let proxy: DelayingProxy;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  proxy = await startDelayingProxy({ host: '127.0.0.1', port, holdMs: 1 });
});

afterEach(async () => {
  await proxy.close();
  server.close();
});

test('bytes of many connections pass whole, in order, with the end after the last of them', async () => {
  const sent = Array.from({ length: 20 }, (_, i) => `connection ${i}: ${'x'.repeat(i * 5_000)}`);
  const received = await Promise.all(
    sent.map(async (each) => {
      const socket = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true });
      for (let at = 0; at < each.length; at += 1_000) socket.write(each.slice(at, at + 1_000));
      socket.end();
      return text(socket);
    }),
  );
  expect(received).toEqual(sent);
});

test('a proxy that cannot start says so', async () => {
  await expect(startDelayingProxy({ host: '127.0.0.1', port: 1, holdMs: Number.NaN })).rejects.toThrow(
    'The delaying proxy ended with code',
  );
});

test('a URL keeps all but its address', () => {
  expect(viaPort('postgres://u:p%40@db.example.com:5432/name?x=1', 99)).toBe(
    'postgres://u:p%40@127.0.0.1:99/name?x=1',
  );
});
