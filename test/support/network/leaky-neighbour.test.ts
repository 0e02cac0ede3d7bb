import { afterEach, expect, it } from 'vitest';
import { HostilePooler } from './hostile-pooler.ts';
import { LEAK_NAMES } from './leaks.ts';
import { LeakyNeighbour, type LeakyNeighbourOptions } from './leaky-neighbour.ts';
import { BAD_DAY, type FaultChances } from './pooler-faults.ts';
import { ScriptedServer } from './scripted-server.ts';

const PASSWORD = 'p@ss word';
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function neighbourWith(options: Partial<LeakyNeighbourOptions>, faults: Partial<FaultChances> = {}) {
  const server = new ScriptedServer({ password: PASSWORD });
  cleanUps.push(() => server.stop());
  const upstream = await server.start();
  const pooler = new HostilePooler({ upstream, logins: { ann: PASSWORD }, faults });
  cleanUps.push(() => pooler.stop());
  const { host, port } = await pooler.start();
  const url = `postgres://ann:${encodeURIComponent(PASSWORD)}@${host}:${port}/db`;
  const neighbour = new LeakyNeighbour({ url, pauseMs: 0, ...options });
  cleanUps.push(() => neighbour.stop());
  return { server, pooler, neighbour };
}

const targets = { subjects: ['somebody'], tables: ['trips'] };

it('leaves every kind of thing behind, as often as it was told', async () => {
  const { server, neighbour } = await neighbourWith({ ...targets, count: 200 });
  await neighbour.start();
  const { left, refused } = await neighbour.finished();
  expect(Object.values(left).reduce((sum, times) => sum + times, refused)).toBe(200);
  for (const name of LEAK_NAMES) expect(left[name], name).toBeGreaterThan(0);
  expect(server.ran).toHaveLength(200);
});

it('does the same again from the same seed', async () => {
  const runs = [];
  for (let i = 0; i < 2; i++) {
    const { server, neighbour } = await neighbourWith({ ...targets, count: 30, seed: 5 });
    await neighbour.start();
    await neighbour.finished();
    runs.push(server.ran.map(({ sql }) => sql));
  }
  expect(runs[0]).toEqual(runs[1]);
});

it('leaves only what it was asked to, and can be stopped early', async () => {
  const { neighbour } = await neighbourWith({ leaks: ['readOnly'], count: 1_000_000 });
  await neighbour.start();
  await expect.poll(() => neighbour.counts.left.readOnly).toBeGreaterThan(3);
  const { left } = await neighbour.stop();
  expect(left.readOnly).toBeLessThan(1_000_000);
  expect(left.timeZone).toBe(0);
});

it('pipelines when told so', async () => {
  const { pooler, neighbour } = await neighbourWith({
    leaks: ['timeZone'],
    count: 20,
    pipelines: true,
    patienceMs: 20,
  });
  await neighbour.start();
  const { pipelined } = await neighbour.finished();
  expect(pipelined).toBeGreaterThan(0);
  expect(pooler.counts.orphanReads + pooler.counts.foreignDeliveries).toBeGreaterThan(0);
});

it('logs in again after its connection was killed', async () => {
  const { neighbour } = await neighbourWith(
    { ...targets, count: 50 },
    { ...BAD_DAY, swallowReply: 0, killAfterSync: 0.2 },
  );
  await neighbour.start();
  const { lost, left } = await neighbour.finished();
  expect(lost).toBeGreaterThan(0);
  expect(Object.values(left).some((times) => times > 0)).toBe(true);
});

it('says that its login was refused', async () => {
  const { neighbour, pooler } = await neighbourWith({});
  const { host, port } = { host: '127.0.0.1', port: 1 };
  const wrong = new LeakyNeighbour({ url: `postgres://ann:wrong@${host}:${port}/db` });
  await expect(wrong.start()).rejects.toThrow('ECONNREFUSED');
  expect(neighbour.counts.lost + pooler.counts.logins).toBe(0);
});
