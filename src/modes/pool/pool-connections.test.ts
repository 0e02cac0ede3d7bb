import { describe, expect, it } from 'vitest';
import { answer, poolFixture } from '../../../test/support/pool-fixture.ts';

describe('a connection that is given back', () => {
  it.each(['T', 'E'])('is destroyed when its status is %s, and another one is opened', async (status) => {
    const { call, fates, pool } = poolFixture({ max: 1 });
    const holder = await call();
    const next = await call();
    void holder.send();
    answer(holder.connection, status);
    await holder.giveBack();
    expect(fates()).toEqual(['destroyed', 'open']);
    expect(next.connection).not.toBe(holder.connection);
    expect(pool.stats().size).toBe(1);
  });

  it('is dropped when it is broken, and another one is opened', async () => {
    const { call, pool } = poolFixture({ max: 1 });
    const holder = await call();
    const next = await call();
    holder.connection.closed(new Error('read ECONNRESET'));
    await holder.giveBack();
    expect(next.connection).not.toBe(holder.connection);
    expect(pool.stats()).toMatchObject({ size: 1, busy: 1, waiting: 0 });
  });

  it('serves nobody before the answer has come that its caller did not wait for', async () => {
    const { clock, call, fates, pool } = poolFixture({ max: 1, cancellable: false });
    const holder = await call();
    const next = await call();
    const batch = holder.send();
    await clock.advance(1_000);
    await expect(batch).rejects.toMatchObject({ code: 'TIMEOUT' });
    await holder.giveBack();
    await clock.advance(5_000);
    expect([next.isServed, pool.stats().busy]).toEqual([false, 1]);
    answer(holder.connection);
    await clock.advance(0);
    expect(next.connection).toBe(holder.connection);
    expect(fates()).toEqual(['open']);
  });

  it('is destroyed when that answer leaves a transaction open', async () => {
    const { clock, call, fates } = poolFixture({ max: 1, cancellable: false });
    const holder = await call();
    void holder.send();
    await clock.advance(1_000);
    await holder.giveBack();
    answer(holder.connection, 'T');
    expect(fates()).toEqual(['destroyed']);
  });

  it('is replaced when that answer never comes', async () => {
    const { clock, call, fates } = poolFixture({ max: 1 });
    const holder = await call();
    const next = await call();
    void holder.send();
    await clock.advance(1_200);
    await holder.giveBack();
    expect(next.isServed).toBe(false);
    await clock.advance(900);
    expect(fates()).toEqual(['destroyed', 'open']);
    expect(next.connection).not.toBe(holder.connection);
  });

  it('is discarded when it is tainted, before it serves anybody', async () => {
    const { clock, call, discards, fates } = poolFixture({ max: 1 });
    const holder = await call();
    const next = await call();
    holder.connection.tainted = true;
    await holder.giveBack();
    expect([discards.length, next.isServed]).toEqual([1, false]);
    discards[0]?.succeed();
    await clock.advance(0);
    expect(next.connection).toBe(holder.connection);
    expect(next.connection.tainted).toBe(false);
    await next.giveBack();
    expect(discards).toHaveLength(1);
    expect(fates()).toEqual(['open']);
  });

  it('is dropped when it cannot be discarded', async () => {
    const { clock, call, discards, fates } = poolFixture({ max: 1 });
    const holder = await call();
    const next = await call();
    holder.connection.tainted = true;
    await holder.giveBack();
    discards[0]?.fail(new Error('DISCARD ALL was refused.'));
    await clock.advance(0);
    expect(fates()).toEqual(['ended', 'open']);
    expect(next.connection).not.toBe(holder.connection);
  });

  it('is destroyed when its discard is never answered', async () => {
    const { clock, call, discards, fates } = poolFixture();
    const holder = await call();
    holder.connection.tainted = true;
    await holder.giveBack();
    void holder.send();
    discards[0]?.fail(new Error('The deadline passed.'));
    await clock.advance(0);
    expect(fates()).toEqual(['destroyed']);
  });

  it('is destroyed without a discard when it is tainted and a transaction is open', async () => {
    const { call, discards, fates } = poolFixture();
    const holder = await call();
    holder.connection.tainted = true;
    void holder.send();
    answer(holder.connection, 'T');
    await holder.giveBack();
    expect(discards).toEqual([]);
    expect(fates()).toEqual(['destroyed']);
  });

  it('is dropped when it breaks while idle, and serves nobody', async () => {
    const { call, pool } = poolFixture();
    const holder = await call();
    await holder.giveBack();
    holder.connection.closed(new Error('read ECONNRESET'));
    expect(pool.stats()).toMatchObject({ size: 0, idle: 0 });
    expect((await call()).connection).not.toBe(holder.connection);
  });
});

describe('a server that no longer writes', () => {
  it('has all its connections replaced, the idle ones at once, the busy ones when they come back', async () => {
    const { call, fates, pool, openings } = poolFixture({ max: 3 });
    const [writer, other, idle] = [await call(), await call(), await call()];
    await idle.giveBack();
    writer.connection.isReadOnly = true;
    await writer.giveBack();
    expect(fates()).toEqual(['ended', 'open', 'ended']);
    await other.giveBack();
    expect(fates()).toEqual(['ended', 'ended', 'ended']);
    const next = await call();
    expect(next.isServed).toBe(true);
    expect([openings.length, pool.stats().size]).toEqual([4, 1]);
  });

  it('has them replaced once a second only, as it may be a replica by intent', async () => {
    const { clock, call, fates } = poolFixture({ max: 1 });
    for (const [afterMs, ended] of [
      [0, 1],
      [999, 1],
      [1, 2],
    ] as const) {
      await clock.advance(afterMs);
      const writer = await call();
      writer.connection.isReadOnly = true;
      await writer.giveBack();
      const fatesNow = fates().filter((fate) => fate === 'ended');
      expect(fatesNow, `${afterMs} ms later`).toHaveLength(ended);
    }
  });
});

describe('the age of a connection', () => {
  it.each([
    { random: 0, lifetimeMs: 10_000 },
    { random: 0.5, lifetimeMs: 9_500 },
    { random: 1, lifetimeMs: 9_000 },
  ])('ends its life after $lifetimeMs ms of 10000 by the chance $random', async ({ random, lifetimeMs }) => {
    for (const ageMs of [lifetimeMs - 1, lifetimeMs]) {
      const { clock, call, fates, pool } = poolFixture({ random, maxLifetimeMs: 10_000 });
      const holder = await call();
      await clock.advance(ageMs);
      await holder.giveBack();
      const isOver = ageMs === lifetimeMs;
      expect(fates(), `${ageMs} ms`).toEqual([isOver ? 'ended' : 'open']);
      expect(pool.stats().size, `${ageMs} ms`).toBe(isOver ? 0 : 1);
    }
  });

  it('does not end it under its caller, but before the next', async () => {
    const { clock, call, fates } = poolFixture({ max: 1, maxLifetimeMs: 10_000 });
    const holder = await call();
    const next = await call();
    await clock.advance(50_000);
    expect(fates()).toEqual(['open']);
    await holder.giveBack();
    expect(fates()).toEqual(['ended', 'open']);
    expect(next.connection).not.toBe(holder.connection);
  });

  it('ends an idle one within a second', async () => {
    const { clock, call, fates } = poolFixture({ maxLifetimeMs: 10_500 });
    await (await call()).giveBack();
    await clock.advance(10_499);
    expect(fates()).toEqual(['open']);
    await clock.advance(501);
    expect(fates()).toEqual(['ended']);
  });

  it('ends one that has been idle for long, and looks no more when there are none', async () => {
    const { clock, call, fates, pool } = poolFixture({ idleTimeoutMs: 5_000 });
    const holder = await call();
    await clock.advance(10_000);
    expect(fates()).toEqual(['open']);
    void holder.send();
    answer(holder.connection);
    await holder.giveBack();
    await clock.advance(4_999);
    expect([fates(), clock.pending]).toEqual([['open'], 1]);
    await clock.advance(1);
    expect(fates()).toEqual(['ended']);
    expect(pool.stats().size).toBe(0);
    expect(clock.pending).toBe(0);
    await call();
    expect(clock.pending).toBe(1);
  });
});
