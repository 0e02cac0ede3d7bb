import { describe, expect, it } from 'vitest';
import { answer, poolFixture } from '../../../test/support/pool-fixture.ts';
import { wasUnanswered } from '../wire/unanswered.ts';

/** Connections that are used for 10 ms each, one caller after the other, while callers wait. */
async function crowded(max: number, maxWaiting = 1_000) {
  const fixture = poolFixture({ max, maxWaiting });
  const { clock, call } = fixture;
  const callers = [];
  for (let n = 0; n < 40; n++) callers.push(await call());
  for (let at = 0; at + max <= 20; at += max) {
    await clock.advance(10);
    for (const caller of callers.slice(at, at + max)) await caller.giveBack();
  }
  return fixture;
}

describe('what a caller can expect of a pool', () => {
  it('is nothing, before callers had to wait', async () => {
    const { pool, call } = poolFixture({ max: 1 });
    await (await call()).giveBack();
    await call();
    expect([pool.isFull, pool.expectedMs]).toEqual([true, 0]);
  });

  it('is the time in which all before it, and itself, are served', async () => {
    const one = await crowded(1);
    // 20 of 40 are left, one of them in service, and one more comes.
    expect(one.pool.expectedMs).toBe(21 * 10);
    const two = await crowded(2);
    expect(two.pool.expectedMs).toBeCloseTo(21 * 5, -1);
  });

  it('is told to whoever may not wait: come back when half of the queue is gone', async () => {
    const { call } = await crowded(1, 39);
    for (let n = 0; n < 20; n++) await call();
    const refused = await call();
    expect(refused.error).toMatchObject({ code: 'QUEUE_FULL', retryAfterMs: (39 * 10) / 2 });
    const unknown = poolFixture({ max: 1, maxWaiting: 0 });
    await unknown.call();
    expect((await unknown.call()).error).toMatchObject({ code: 'QUEUE_FULL', retryAfterMs: undefined });
  });
});

describe('a caller who waited in vain', () => {
  it('met silence where there was no connection to wait for, and others where there was one', async () => {
    const silent = poolFixture({ byHand: true });
    const waiting = await silent.call(100);
    await silent.clock.advance(100);
    expect(waiting.error?.code).toBe('TIMEOUT');
    expect(wasUnanswered(waiting.error)).toBe(true);
    const busy = poolFixture({ max: 1 });
    await busy.call();
    const late = await busy.call(100);
    await busy.clock.advance(100);
    expect(late.error?.code).toBe('TIMEOUT');
    expect(wasUnanswered(late.error)).toBe(false);
  });
});

describe('connections that nobody uses', () => {
  it('are ended where they may be lost, and those in use are not', async () => {
    const { pool, call, fates } = poolFixture({ max: 3 });
    const [first, second, third] = [await call(), await call(), await call()];
    await first.giveBack();
    await second.giveBack();
    pool.dropIdle();
    expect(fates()).toEqual(['ended', 'ended', 'open']);
    void third.send();
    answer(third.connection);
    await third.giveBack();
    expect(pool.stats()).toMatchObject({ size: 1, idle: 1 });
  });
});
