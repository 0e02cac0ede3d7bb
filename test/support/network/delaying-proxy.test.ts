import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { DelayingProxy, startDelayingProxyProcess } from './delaying-proxy.ts';
import { type Address, LoopbackServer } from './loopback-server.ts';
import { frontend } from './protocol-messages.ts';
import { firstColumn, RawClient, statement } from './raw-client.ts';
import { ScriptedServer } from './scripted-server.ts';

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function scripted(): Promise<Address> {
  const server = new ScriptedServer();
  cleanUps.push(() => server.stop());
  return await server.start();
}

async function proxied(upstream: Address, holdMs: number): Promise<Address> {
  const proxy = new DelayingProxy({ upstream, holdMs });
  cleanUps.push(() => proxy.stop());
  return await proxy.start();
}

it.each([0, 1, 5])('keeps what passes whole and in order at %i ms', async (holdMs) => {
  const address = await proxied(await scripted(), holdMs);
  const client = await RawClient.logIn(address, { user: 'ann', database: 'db' });
  cleanUps.push(() => client.close());
  const words = Array.from({ length: 100 }, (_, i) => `word ${i}`);
  client.send(...words.map((word) => Buffer.concat([statement(word), frontend.sync()])));
  const answers = [];
  for (const _ of words) answers.push(...firstColumn(await client.untilReady()));
  expect(answers).toEqual(words);
});

it('never answers sooner than the delay', async () => {
  const address = await proxied(await scripted(), 20);
  const client = await RawClient.logIn(address, { user: 'ann', database: 'db' });
  cleanUps.push(() => client.close());
  // A lower bound only: how much later an answer comes is up to the machine.
  const before = performance.now();
  await client.ask(statement('one'), frontend.sync());
  expect(performance.now() - before).toBeGreaterThan(19);
});

it('passes megabytes to a slow reader without keeping them all', async () => {
  const size = 8_000_000;
  const source = new LoopbackServer((socket) => socket.end(Buffer.alloc(size, 'x')));
  cleanUps.push(() => source.stop());
  const address = await proxied(await source.start(), 1);
  const client = connect(address);
  cleanUps.push(() => client.destroy());
  let received = 0;
  client.on('data', (chunk) => {
    received += chunk.length;
    client.pause();
    setImmediate(() => client.resume());
  });
  await once(client, 'end');
  expect(received).toBe(size);
});

it('passes the bytes of many connections whole, and the end of each behind the last of them', async () => {
  const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  cleanUps.push(() => echo.close());
  await once(echo, 'listening');
  const address = await proxied({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port }, 1);
  const sent = Array.from({ length: 20 }, (_, i) => `connection ${i}: ${'x'.repeat(i * 5_000)}`);
  const received = await Promise.all(
    sent.map((each) => {
      const client = connect({ ...address, allowHalfOpen: true });
      for (let at = 0; at < each.length; at += 1_000) client.write(each.slice(at, at + 1_000));
      client.end();
      return text(client);
    }),
  );
  expect(received).toEqual(sent);
});

it('hangs up when the server does, and when there is none', async () => {
  const server = new ScriptedServer();
  const address = await proxied(await server.start(), 1);
  const client = await RawClient.logIn(address, { user: 'ann', database: 'db' });
  await server.stop();
  expect(await client.next()).toBeUndefined();
  const late = await RawClient.open(address);
  expect(await late.next()).toBeUndefined();
});

it('runs in a process of its own', async () => {
  const proxy = await startDelayingProxyProcess({ upstream: await scripted(), holdMs: 1 });
  cleanUps.push(() => proxy.stop());
  const client = await RawClient.logIn(proxy, { user: 'ann', database: 'db' });
  expect(firstColumn(await client.ask(statement('far away'), frontend.sync()))).toEqual(['far away']);
  client.close();
  await proxy.stop();
  await expect(RawClient.open(proxy)).rejects.toThrow('ECONNREFUSED');
});

it('says so when it cannot start', async () => {
  const upstream = { host: '127.0.0.1', port: 1 };
  expect(() => new DelayingProxy({ upstream, holdMs: Number.NaN })).toThrow(RangeError);
  await expect(startDelayingProxyProcess({ upstream, holdMs: -1 })).rejects.toThrow('ended with code 1');
});
