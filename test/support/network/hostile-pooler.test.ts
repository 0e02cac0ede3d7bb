import { afterEach, expect, it } from 'vitest';
import { frontend } from './protocol-messages.ts';
import { errorOf, firstColumn, lettersOf, RawClient } from './raw-client.ts';
import { endPoolers, holdingScript, one, PASSWORD, poolerWith } from './scripted-pooler.ts';

afterEach(endPoolers);

it('serves many clients over fewer server connections', async () => {
  const { pooler, logIn } = await poolerWith({ serverConnections: 2 });
  const clients = await Promise.all(Array.from({ length: 8 }, logIn));
  const answers = await Promise.all(
    clients.map(async (client, i) => firstColumn(await client.ask(one('echo', [`for ${i}`])))),
  );
  expect(answers).toEqual(clients.map((_, i) => [`for ${i}`]));
  expect(pooler.serverConnections).toBe(2);
  expect(pooler.counts).toMatchObject({ logins: 8, batches: 8, checkouts: 8, foreignDeliveries: 0 });
});

it('takes a user.project login, refuses a wrong password, and blocks all logins after many failures', async () => {
  const { pooler, address } = await poolerWith({ failedLoginsBeforeBan: 2 });
  const good = { user: 'ann.project', database: 'db', password: PASSWORD };
  (await RawClient.logIn(address, good)).close();
  for (const user of ['ann', 'nobody']) {
    await expect(RawClient.logIn(address, { user, database: 'db', password: 'wrong' })).rejects.toThrow(
      '28P01',
    );
  }
  await expect(RawClient.logIn(address, good)).rejects.toThrow('ECIRCUITBREAKER');
  pooler.liftBan();
  (await RawClient.logIn(address, good)).close();
});

it('keeps what one client set for the next', async () => {
  const { logIn } = await poolerWith();
  const [ann, bob] = [await logIn(), await logIn()];
  await ann.ask(one('set request.jwt.claim.sub = somebody'));
  expect(firstColumn(await bob.ask(one('show request.jwt.claim.sub')))).toEqual(['somebody']);
});

it('answers a bare Sync of an idle client itself and drops the rest of that read', async () => {
  const { server, pooler, logIn } = await poolerWith();
  const client = await logIn();
  expect(lettersOf(await client.ask(frontend.sync(), one('lost')))).toBe('Z');
  expect(firstColumn(await client.ask(one('kept')))).toEqual(['kept']);
  expect(server.ran.map(({ sql }) => sql)).toEqual(['kept']);
  expect(pooler.counts.bareSyncs).toBe(1);
});

it('gives the second of two pipelined replies to another client', async () => {
  const { script, release } = holdingScript();
  const { pooler, logIn } = await poolerWith({}, script);
  const [ann, bob] = [await logIn(), await logIn()];
  const annGets = ann.ask(one('hold'), one('second of ann'));
  await expect.poll(() => pooler.counts.batches).toBe(2);
  const bobGets = bob.ask(one('of bob'));
  await expect.poll(() => pooler.counts.maxWaiting).toBe(1);
  release();
  expect(firstColumn(await annGets)).toEqual(['hold']);
  expect(firstColumn(await bobGets)).toEqual(['second of ann']);
});

it('releases at a ReadyForQuery that two text columns forged, so that another client gets the rest', async () => {
  const { script, release } = holdingScript();
  const { pooler, logIn } = await poolerWith({}, script);
  const [ann, bob] = [await logIn(), await logIn()];
  const annGets = ann.ask(one('hold', ['ends with Z', 'I and']));
  await expect.poll(() => pooler.counts.batches).toBe(1);
  const bobGets = bob.ask(one('of bob'));
  await expect.poll(() => pooler.counts.maxWaiting).toBe(1);
  release();
  expect(lettersOf(await bobGets)).toBe('');
  expect(bob.malformed).toBe(true);
  expect(pooler.counts.forgedReleases).toBe(1);
  expect(pooler.counts.foreignDeliveries).toBeGreaterThan(0);
  ann.close();
  expect(lettersOf(await annGets)).not.toContain('Z');
});

it('leaves reads as the network made them when told so: the same row passes whole', async () => {
  const { pooler, logIn } = await poolerWith({ readBoundaries: 'as-read' });
  const client = await logIn();
  expect(lettersOf(await client.ask(one('echo', ['ends with Z', 'I and'])))).toBe('12TDCZ');
  expect(pooler.counts.forgedReleases).toBe(0);
});

it('runs the rest of a value behind U+0000 as messages of its own', async () => {
  const { server, pooler, logIn } = await poolerWith();
  const client = await logIn();
  const smuggled = Buffer.concat([Buffer.from('harmless\0'), frontend.parse('smuggled'), frontend.bind()]);
  client.send(
    frontend.parse('echo'),
    frontend.bind({ values: [smuggled] }),
    frontend.execute(),
    frontend.sync(),
  );
  await client.untilReady();
  expect(server.ran.map(({ sql }) => sql)).toEqual(['smuggled']);
  expect(pooler.counts.smuggled).toBe(1);
});

it('lets the statement of a client that hung up run on, and reuses the server connection', async () => {
  const { script, release } = holdingScript();
  const { server, pooler, logIn } = await poolerWith({}, script);
  const [ann, bob] = [await logIn(), await logIn()];
  ann.send(one('hold'));
  await expect.poll(() => pooler.counts.batches).toBe(1);
  ann.close();
  const bobGets = bob.ask(one('mine'));
  await expect.poll(() => pooler.counts.maxWaiting).toBe(1);
  release();
  expect(firstColumn(await bobGets)).toEqual(['mine']);
  expect(server.ran.map(({ sql }) => sql)).toEqual(['hold', 'mine']);
});

it('delivers a cancel to the backend, and to the former one when chance wants it', async () => {
  const { server, pooler, address, logIn } = await poolerWith({ faults: { cancelHitsFormer: 1 } });
  const client = await logIn();
  await client.ask(one('over'));
  const canceller = await RawClient.open(address);
  canceller.send(frontend.cancelRequest(client.processId, client.secretKey));
  await expect.poll(() => server.cancelled.length).toBe(1);
  canceller.close();
  expect(pooler.counts).toMatchObject({ cancels: 1, cancelHitsFormer: 1 });
});

it('cancels a stranger who holds the former backend by then', async () => {
  const { script, release } = holdingScript();
  const { server, pooler, address, logIn } = await poolerWith({ faults: { cancelHitsFormer: 1 } }, script);
  const [ann, bob] = [await logIn(), await logIn()];
  await ann.ask(one('over'));
  const bobGets = bob.ask(one('hold'));
  await expect.poll(() => pooler.counts.batches).toBe(2);
  const canceller = await RawClient.open(address);
  canceller.send(frontend.cancelRequest(ann.processId, ann.secretKey));
  await expect.poll(() => server.cancelled.length).toBe(1);
  expect(pooler.counts.cancelsHitStranger).toBe(1);
  canceller.close();
  release();
  await bobGets;
});

it('ignores a cancel with a wrong key', async () => {
  const { server, pooler, address, logIn } = await poolerWith({ faults: { cancelHitsFormer: 1 } });
  const client = await logIn();
  await client.ask(one('over'));
  const canceller = await RawClient.open(address);
  canceller.send(frontend.cancelRequest(client.processId, client.secretKey + 1));
  await canceller.ended();
  await expect.poll(() => pooler.counts.cancels).toBe(1);
  expect(server.cancelled).toEqual([]);
});

it('tells clients that their server connection is gone, and opens another', async () => {
  const { script } = holdingScript();
  const { pooler, logIn } = await poolerWith({}, script);
  const [ann, bob] = [await logIn(), await logIn()];
  const annGets = ann.ask(one('hold'));
  await expect.poll(() => pooler.counts.batches).toBe(1);
  pooler.dropBackends();
  expect(errorOf(await annGets)).toMatch(/EDBHANDLEREXITED/);
  expect(firstColumn(await bob.ask(one('again')))).toEqual(['again']);
});

it('says that the database cannot be reached', async () => {
  const { server, logIn } = await poolerWith();
  const client = await logIn();
  await server.stop();
  expect(errorOf(await client.ask(one('never')))).toMatch(/^08006: Failed to connect to database: /);
});

it('ends a wait for a server connection with ECHECKOUTTIMEOUT', async () => {
  const { script, release } = holdingScript();
  const { pooler, logIn } = await poolerWith({ checkoutTimeoutMs: 20 }, script);
  const [ann, bob] = [await logIn(), await logIn()];
  ann.send(one('hold'));
  await expect.poll(() => pooler.counts.batches).toBe(1);
  expect(errorOf(await bob.ask(one('never')))).toMatch(/ECHECKOUTTIMEOUT/);
  release();
});

it('refuses more clients than it takes', async () => {
  const { address, logIn } = await poolerWith({ maxClients: 1 });
  await logIn();
  await expect(RawClient.logIn(address, { user: 'ann', database: 'db', password: PASSWORD })).rejects.toThrow(
    'EMAXCONN',
  );
});
