import { once } from 'node:events';
import { connect } from 'node:net';
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

async function proxied(upstream: Address, roundTripMs: number): Promise<Address> {
  const proxy = new DelayingProxy({ upstream, roundTripMs });
  cleanUps.push(() => proxy.stop());
  return await proxy.start();
}

it.each([0, 1, 5])('keeps what passes whole and in order at %i ms', async (roundTripMs) => {
  const address = await proxied(await scripted(), roundTripMs);
  const client = await RawClient.logIn(address, { user: 'ann', database: 'db' });
  cleanUps.push(() => client.close());
  const words = Array.from({ length: 100 }, (_, i) => `word ${i}`);
  client.send(...words.map((word) => Buffer.concat([statement(word), frontend.sync()])));
  const answers = [];
  for (const _ of words) answers.push(...firstColumn(await client.untilReady()));
  expect(answers).toEqual(words);
});

it('never answers sooner than the delay, less what it aims early', async () => {
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
  const proxy = await startDelayingProxyProcess({ upstream: await scripted(), roundTripMs: 1 });
  cleanUps.push(() => proxy.stop());
  const client = await RawClient.logIn(proxy, { user: 'ann', database: 'db' });
  expect(firstColumn(await client.ask(statement('far away'), frontend.sync()))).toEqual(['far away']);
  client.close();
  await proxy.stop();
  await expect(RawClient.open(proxy)).rejects.toThrow('ECONNREFUSED');
});
