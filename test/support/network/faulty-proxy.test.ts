import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FaultyProxy } from './faulty-proxy.ts';
import type { Address } from './loopback-server.ts';
import { frontend } from './protocol-messages.ts';
import { firstColumn, lettersOf, RawClient, statement } from './raw-client.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let proxy: FaultyProxy;
let address: Address;
const clients: RawClient[] = [];

beforeEach(async () => {
  server = new ScriptedServer();
  proxy = new FaultyProxy({ upstream: await server.start() });
  address = await proxy.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await proxy.stop();
  await server.stop();
});

async function logIn(): Promise<RawClient> {
  const client = await RawClient.logIn(address, { user: 'ann', database: 'db' });
  clients.push(client);
  return client;
}

it('forwards faithfully and tells what it saw on the wire', async () => {
  const client = await logIn();
  expect(firstColumn(await client.ask(statement('one'), statement('two', ['2']), frontend.sync()))).toEqual([
    'one',
    '2',
  ]);
  expect(proxy.batches).toEqual([
    expect.objectContaining({
      connection: 1,
      letters: 'PBDEPBDES',
      reads: 1,
      sql: ['one', 'two'],
      names: [],
      syncsOutstanding: 1,
    }),
  ]);
  expect(proxy.counts).toMatchObject({ connections: 1, syncs: 1, bareSyncs: 0, maxSyncsOutstanding: 1 });
});

it('notices two Syncs outstanding, a bare Sync and a batch in two writes', async () => {
  const client = await logIn();
  await client.ask(statement('one'), frontend.sync(), statement('two'), frontend.sync());
  await client.untilReady();
  await client.ask(frontend.sync());
  const before = proxy.counts.bytesToServer;
  client.send(statement('three'));
  await expect.poll(() => proxy.counts.bytesToServer).toBeGreaterThan(before);
  await client.ask(frontend.sync());
  expect(proxy.counts.maxSyncsOutstanding).toBe(2);
  expect(proxy.counts.bareSyncs).toBe(1);
  expect(proxy.batches.map(({ letters, reads }) => [letters, reads])).toEqual([
    ['PBDES', 1],
    ['PBDES', 1],
    ['S', 1],
    ['PBDES', 2],
  ]);
});

it('counts a cancel request and a Terminate', async () => {
  const client = await logIn();
  const canceller = await RawClient.open(address);
  canceller.send(frontend.cancelRequest(client.processId, client.secretKey));
  await canceller.ended();
  client.send(frontend.terminate());
  await client.ended();
  expect(proxy.counts).toMatchObject({ cancels: 1, terminates: 1 });
  expect(server.cancelled).toEqual([client.processId]);
});

it('swallows both directions as a black hole and still accepts connections', async () => {
  const client = await logIn();
  const passed = proxy.counts.bytesToServer;
  proxy.blackHole();
  client.send(statement('lost'), frontend.sync());
  const late = await RawClient.open(address);
  clients.push(late);
  late.send(frontend.startup({ user: 'ann', database: 'db' }));
  await expect.poll(() => proxy.counts.bytesToServer).toBeGreaterThan(passed + 50);
  expect(server.ran).toEqual([]);
  expect(late.unread()).toEqual([]);
});

it('swallows replies only, when told so: the statement runs', async () => {
  const client = await logIn();
  proxy.blackHole('to-client');
  client.send(statement('runs'), frontend.sync());
  await expect.poll(() => proxy.counts.readyForQueries).toBe(1);
  expect(server.ran.map(({ sql }) => sql)).toEqual(['runs']);
  expect(client.unread()).toEqual([]);
});

it('holds bytes back while stalled and passes them after heal', async () => {
  const client = await logIn();
  proxy.stall('to-client');
  client.send(statement('late'), frontend.sync());
  await expect.poll(() => server.ran.length).toBe(1);
  expect(client.unread()).toEqual([]);
  proxy.heal();
  expect(firstColumn(await client.untilReady())).toEqual(['late']);
});

it('resets before the Sync: nothing runs', async () => {
  const client = await logIn();
  const struck = proxy.once({ at: 'before-sync' });
  client.send(statement('one'));
  expect(lettersOf(await client.ask(frontend.sync()))).toBe('');
  await struck;
  expect(server.ran).toEqual([]);
});

it('resets after the Sync and before the reply: the statement runs and the client cannot know', async () => {
  const client = await logIn();
  const struck = proxy.once({ at: 'after-sync' });
  expect(lettersOf(await client.ask(statement('one'), frontend.sync()))).toBe('');
  await struck;
  await expect.poll(() => server.ran.length).toBe(1);
});

it.each(['reset', 'end'] as const)('cuts a reply in the middle of a message, then %s', async (then) => {
  const client = await logIn();
  const struck = proxy.once({ at: 'mid-reply', message: 4, then });
  expect(lettersOf(await client.ask(statement('one'), frontend.sync()))).toBe('12T');
  await struck;
  const next = await logIn();
  expect(lettersOf(await next.ask(statement('two'), frontend.sync()))).toBe('12TDCZ');
});

it('resets at the n-th byte of a direction', async () => {
  const struck = proxy.once({ at: 'bytes', direction: 'to-client', bytes: 12 });
  await expect(logIn()).rejects.toThrow('hung up');
  await struck;
});

it('drips the reply in pieces that still make it whole', async () => {
  proxy.drip(3, 1);
  const client = await logIn();
  expect(lettersOf(await client.ask(statement('one'), frontend.sync()))).toBe('12TDCZ');
});

it('keeps the order of bytes when it heals in the middle of a reply', async () => {
  const client = await logIn();
  proxy.drip(1, 5);
  client.send(statement('one'), frontend.sync(), statement('two'), frontend.sync());
  await expect.poll(() => proxy.counts.readyForQueries).toBe(2);
  proxy.heal();
  client.send(statement('three'), frontend.sync());
  const answers = [await client.untilReady(), await client.untilReady(), await client.untilReady()];
  expect(answers.map((answer) => firstColumn(answer))).toEqual([['one'], ['two'], ['three']]);
});

it('delays both directions', async () => {
  const client = await logIn();
  proxy.delay(30);
  const askedAt = performance.now();
  expect(firstColumn(await client.ask(statement('late'), frontend.sync()))).toEqual(['late']);
  // A timer may fire a millisecond early.
  expect(performance.now() - askedAt).toBeGreaterThan(58);
});

it('lets no new login end while told so, and counts them; connections that are open work', async () => {
  const open = await logIn();
  proxy.stallLogins('auth');
  const late = await RawClient.open(address);
  clients.push(late);
  late.send(frontend.startup({ user: 'ann', database: 'db' }));
  await expect.poll(() => proxy.counts.stalledLogins).toBe(1);
  expect(lettersOf(await open.ask(statement('one'), frontend.sync()))).toBe('12TDCZ');
  expect(late.unread()).toEqual([]);
  proxy.heal();
  await logIn();
});

it('resets new connections at once while told so, and counts them', async () => {
  const open = await logIn();
  proxy.hangUp();
  await expect(logIn()).rejects.toThrow();
  expect(proxy.counts.connections).toBe(2);
  expect(lettersOf(await open.ask(statement('one'), frontend.sync()))).toBe('12TDCZ');
});

it('leads new connections to another server', async () => {
  const open = await logIn();
  const other = new ScriptedServer();
  proxy.lead(await other.start());
  const late = await logIn();
  await late.ask(statement('one'), frontend.sync());
  await open.ask(statement('two'), frontend.sync());
  expect(other.ran.map(({ sql }) => sql)).toEqual(['one']);
  expect(server.ran.map(({ sql }) => sql)).toEqual(['two']);
  late.close();
  await other.stop();
});

it('knows on how many connections a reply is due', async () => {
  const client = await logIn();
  await logIn();
  proxy.stall('to-client');
  client.send(statement('one'), frontend.sync());
  await expect.poll(() => proxy.busyConnections).toBe(1);
  proxy.heal();
  await client.untilReady();
  expect(proxy.busyConnections).toBe(0);
});

it('half-closes: the client sees the end of the stream', async () => {
  const client = await logIn();
  proxy.halfClose('client');
  expect(await client.next()).toBeUndefined();
});

it('swallows a cancel request and a Terminate when told so', async () => {
  const client = await logIn();
  const cancelStruck = proxy.once({ at: 'cancel' });
  const canceller = await RawClient.open(address);
  clients.push(canceller);
  canceller.send(frontend.cancelRequest(client.processId, client.secretKey));
  await cancelStruck;
  expect(server.cancelled).toEqual([]);
  const terminateStruck = proxy.once({ at: 'terminate' });
  client.send(frontend.terminate());
  await terminateStruck;
  expect(server.openConnections).toBeGreaterThan(0);
});

it('refuses connections, then accepts on the same port again', async () => {
  proxy.refuse();
  const refused = connect(address);
  await expect(new Promise((_, reject) => refused.once('error', reject))).rejects.toThrow('ECONNREFUSED');
  await proxy.accept();
  const client = await logIn();
  expect(client.processId).toBe(1);
});

it('resets every open connection at once', async () => {
  const open = [await logIn(), await logIn()];
  proxy.resetAll();
  await Promise.all(open.map((client) => client.ended()));
  await expect.poll(() => proxy.openConnections).toBe(0);
});

it('resets what it has half-closed in the same moment', async () => {
  const client = await logIn();
  proxy.halfClose('client');
  proxy.resetAll();
  await client.ended();
  await expect.poll(() => proxy.openConnections).toBe(0);
});
