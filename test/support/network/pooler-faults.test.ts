import { afterEach, expect, it } from 'vitest';
import { errorOf, firstColumn, lettersOf } from './raw-client.ts';
import { endPoolers, holdingScript, one, poolerWith } from './scripted-pooler.ts';

afterEach(endPoolers);

it('swaps complete replies between two clients that wait', async () => {
  const { script, release } = holdingScript();
  const { pooler, logIn } = await poolerWith({ serverConnections: 2, faults: { swapReplies: 1 } }, script);
  const [ann, bob] = [await logIn(), await logIn()];
  const annGets = ann.ask(one('hold', ['of ann']));
  await expect.poll(() => pooler.counts.batches).toBe(1);
  const bobGets = bob.ask(one('hold', ['of bob']));
  await expect.poll(() => pooler.counts.swapReplies).toBe(1);
  release();
  expect([firstColumn(await annGets), firstColumn(await bobGets)]).toEqual([['of bob'], ['of ann']]);
  expect(pooler.counts.foreignDeliveries).toBe(2);
});

it('swaps in the middle of a reply', async () => {
  const { script, release } = holdingScript();
  const { pooler, logIn } = await poolerWith({ serverConnections: 2, faults: { swapMidReply: 1 } }, script);
  const [ann, bob] = [await logIn(), await logIn()];
  ann.send(one('hold', ['of ann']));
  await expect.poll(() => pooler.counts.batches).toBe(1);
  bob.send(one('hold', ['of bob']));
  await expect.poll(() => pooler.counts.batches).toBe(2);
  release();
  await expect.poll(() => pooler.counts.swapMidReply).toBeGreaterThan(0);
  expect(pooler.counts.foreignDeliveries).toBeGreaterThan(0);
});

it('duplicates a reply', async () => {
  const { pooler, logIn } = await poolerWith({ faults: { duplicateReply: 1 } });
  const client = await logIn();
  expect(firstColumn(await client.ask(one('once')))).toEqual(['once']);
  expect(firstColumn(await client.untilReady())).toEqual(['once']);
  expect(pooler.counts.duplicateReply).toBe(1);
});

it('sends a copy of a reply to an idle stranger', async () => {
  const { pooler, logIn } = await poolerWith({ faults: { strayReply: 1 } });
  const [ann, bob] = [await logIn(), await logIn()];
  expect(firstColumn(await ann.ask(one('of ann')))).toEqual(['of ann']);
  expect(firstColumn(await bob.untilReady())).toEqual(['of ann']);
  expect(pooler.counts).toMatchObject({ strayReply: 1, foreignDeliveries: 1 });
});

it.each(['swallowReply', 'cutReply'] as const)(
  '%s: the statement runs and its reply does not arrive',
  async (fault) => {
    const { server, pooler, logIn } = await poolerWith({ faults: { [fault]: 1 } });
    const [ann, bob] = [await logIn(), await logIn()];
    ann.send(one('lost'));
    await expect.poll(() => pooler.counts[fault]).toBe(1);
    pooler.setFaults({});
    expect(firstColumn(await bob.ask(one('whole')))).toEqual(['whole']);
    expect(server.ran.map(({ sql }) => sql)).toEqual(['lost', 'whole']);
    expect(lettersOf(ann.unread())).not.toContain('Z');
  },
);

it('kills before the checkout: nothing ran', async () => {
  const { server, logIn } = await poolerWith({ faults: { killBeforeCheckout: 1 } });
  const client = await logIn();
  expect(errorOf(await client.ask(one('never')))).toMatch(/^XX000: \(ECHECKOUTTIMEOUT\) /);
  expect(server.ran).toEqual([]);
});

it('kills after the Sync: the statement ran', async () => {
  const { server, logIn } = await poolerWith({ faults: { killAfterSync: 1 } });
  const client = await logIn();
  expect(errorOf(await client.ask(one('ran')))).toMatch(/^XX000: \(EDBHANDLEREXITED\) /);
  expect(server.ran.map(({ sql }) => sql)).toEqual(['ran']);
});

it('kills an idle client with 57P01 behind a good reply', async () => {
  const { logIn } = await poolerWith({ faults: { killIdle: 1 } });
  const client = await logIn();
  expect(firstColumn(await client.ask(one('good')))).toEqual(['good']);
  expect(errorOf(await client.untilReady())).toMatch(/^57P01/);
});

it('draws the same faults from the same seed', async () => {
  const killed = async () => {
    const { pooler, logIn } = await poolerWith({ seed: 7, faults: { duplicateReply: 0.3 } });
    const client = await logIn();
    const drawn: number[] = [];
    for (let i = 0; i < 20; i++) {
      await client.ask(one('again'));
      await expect.poll(() => pooler.counts.batches).toBe(i + 1);
      if (pooler.counts.duplicateReply > drawn.length) {
        drawn.push(i);
        await client.untilReady();
      }
    }
    return drawn;
  };
  const first = await killed();
  expect(first.length).toBeGreaterThan(0);
  expect(await killed()).toEqual(first);
});
