import { describe, expect, it } from 'vitest';
import { answer, CONNECT_FAILED, poolFixture } from '../../../test/support/pool-fixture.ts';

describe('a pool that closes', () => {
  it('refuses those who come, and serves those who wait', async () => {
    const { clock, call, closing, fates } = poolFixture({ max: 1 });
    const holder = await call();
    const waiting = [await call(), await call()];
    const state = closing(5_000);
    await clock.advance(0);
    expect((await call()).error?.code).toBe('SERVICE_CLOSED');
    await holder.giveBack();
    for (const caller of waiting) {
      expect([caller.isServed, state.isClosed]).toEqual([true, false]);
      await caller.giveBack();
    }
    expect([state.isClosed, fates()]).toEqual([true, ['ended']]);
  });

  it('opens connections for those who wait', async () => {
    const { call, closing, fates, openings, succeed } = poolFixture({ max: 2, byHand: true });
    const [first, second] = [await call(), await call()];
    const state = closing(5_000);
    await succeed();
    await succeed();
    expect([openings.length, first.isServed, second.isServed]).toEqual([2, true, true]);
    await first.giveBack();
    await second.giveBack();
    expect([state.isClosed, fates()]).toEqual([true, ['ended', 'ended']]);
  });

  it('refuses those who still wait after the drain', async () => {
    const { clock, call, closing } = poolFixture({ max: 1 });
    await call();
    const waiting = await call();
    const state = closing(500);
    await clock.advance(499);
    expect([waiting.error, state.isClosed]).toEqual([undefined, false]);
    await clock.advance(1);
    expect([waiting.error?.code, state.isClosed]).toEqual(['SERVICE_CLOSED', true]);
    expect(clock.pending).toBe(0);
  });

  it('says goodbye on the idle connections at once, and looks after them no more', async () => {
    const { clock, call, fates, pool } = poolFixture();
    const callers = [await call(), await call()];
    for (const caller of callers) await caller.giveBack();
    await pool.close(5_000);
    expect(fates()).toEqual(['ended', 'ended']);
    expect(clock.pending).toBe(0);
  });

  it('lets the callers that have a connection end, then is closed', async () => {
    const { clock, call, closing, fates } = poolFixture();
    const callers = [await call(), await call()];
    const state = closing(5_000);
    for (const caller of callers) {
      await clock.advance(2_000);
      expect(state.isClosed).toBe(false);
      const batch = caller.send();
      answer(caller.connection);
      expect(await batch).toMatchObject({ tag: 'COMMIT' });
      await caller.giveBack();
    }
    expect(state.isClosed).toBe(true);
    expect(fates()).toEqual(['ended', 'ended']);
    expect(clock.pending).toBe(0);
  });

  it('destroys after the drain what has not ended, and its batches hear what is known', async () => {
    const { clock, call, closing, fates, pool } = poolFixture({ max: 3 });
    const [reading, writing, thinking] = [await call(), await call(), await call()];
    const read = reading.send('read');
    const write = writing.send('write');
    const state = closing(500);
    await clock.advance(499);
    expect([state.isClosed, fates()]).toEqual([false, ['open', 'open', 'open']]);
    await clock.advance(1);
    expect([state.isClosed, fates()]).toEqual([true, ['destroyed', 'destroyed', 'destroyed']]);
    await expect(read).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'not-applied' });
    await expect(write).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown' });
    await expect(thinking.send('write')).rejects.toMatchObject({ outcome: 'not-applied' });
    for (const caller of [reading, writing, thinking]) await caller.giveBack();
    expect(pool.stats().size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('waits for the answer that a caller did not wait for', async () => {
    const { clock, call, closing, fates } = poolFixture({ cancellable: false });
    const holder = await call();
    void holder.send();
    await clock.advance(1_000);
    await holder.giveBack();
    const state = closing(5_000);
    await clock.advance(2_000);
    expect(state.isClosed).toBe(false);
    answer(holder.connection);
    await clock.advance(0);
    expect([state.isClosed, fates()]).toEqual([true, ['ended']]);
  });

  it('discards nothing any more, but waits for the discard that has begun', async () => {
    const { clock, call, closing, discards, fates } = poolFixture();
    const [before, after] = [await call(), await call()];
    for (const caller of [before, after]) caller.connection.tainted = true;
    await before.giveBack();
    const state = closing(5_000);
    await after.giveBack();
    expect([state.isClosed, discards.length, fates()]).toEqual([false, 1, ['open', 'ended']]);
    discards[0]?.succeed();
    await clock.advance(0);
    expect([state.isClosed, fates()]).toEqual([true, ['ended', 'ended']]);
  });

  it('waits for a connection that is being opened, and ends it', async () => {
    const { clock, call, closing, fates, succeed } = poolFixture({ byHand: true });
    await call(100);
    await clock.advance(100);
    const state = closing(5_000);
    expect(state.isClosed).toBe(false);
    await succeed();
    expect([state.isClosed, fates()]).toEqual([true, ['ended']]);
  });

  it('is closed when that connection cannot be opened', async () => {
    const { call, closing, fail, openings } = poolFixture({ byHand: true });
    await call();
    const state = closing(5_000);
    await fail(CONNECT_FAILED);
    expect([state.isClosed, openings.length]).toEqual([true, 1]);
  });

  it('ends a connection that opens after the drain', async () => {
    const { clock, call, closing, fates, pool, succeed } = poolFixture({ byHand: true });
    await call();
    const state = closing(500);
    await clock.advance(500);
    expect(state.isClosed).toBe(true);
    await succeed();
    expect(fates()).toEqual(['ended']);
    expect([pool.stats().size, clock.pending]).toEqual([0, 0]);
  });

  it('closes once, however often it is told', async () => {
    const { clock, pool } = poolFixture();
    const closed = pool.close(5_000);
    expect(pool.close(0)).toBe(closed);
    await closed;
    expect(clock.pending).toBe(0);
  });
});
