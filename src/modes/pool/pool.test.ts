import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  answer,
  CONNECT_FAILED,
  LOGIN_REFUSED,
  limitsOf,
  poolFixture,
} from '../../../test/support/pool-fixture.ts';
import { ConnectionError } from '../../contract/errors.ts';
import { wasNotOpened } from './not-opened.ts';

describe('callers of a pool', () => {
  it('share a connection one after the other', async () => {
    const { pool, call, openings } = poolFixture();
    const first = await call();
    await first.giveBack();
    const second = await call();
    expect(second.connection).toBe(first.connection);
    expect(openings).toHaveLength(1);
    expect(pool.stats()).toEqual({ mode: 'direct', size: 1, idle: 0, busy: 1, waiting: 0, max: 2 });
  });

  it('get what their use of the connection gives or throws', async () => {
    const { clock, pool } = poolFixture();
    const limits = limitsOf(clock, 1_000);
    expect(await pool.withConnection(limits, async () => 'result')).toBe('result');
    const error = new Error('The use failed.');
    await expect(pool.withConnection(limits, () => Promise.reject(error))).rejects.toBe(error);
    expect(pool.stats()).toMatchObject({ size: 1, idle: 1 });
  });

  it('are served in the order in which they came, before one who comes later', async () => {
    const { call } = poolFixture({ max: 1 });
    const holder = await call();
    const waiting = [await call(), await call(), await call()];
    const returned = holder.giveBack();
    waiting.push(await call());
    await returned;
    for (const [i, caller] of waiting.entries()) {
      expect(waiting.map(({ isServed }) => isServed)).toEqual(waiting.map((_, at) => at <= i));
      expect(caller.connection).toBe(holder.connection);
      await caller.giveBack();
    }
  });

  it('get the connection that was used last, so that the others can fall idle', async () => {
    const { clock, pool, call, fates } = poolFixture({ idleTimeoutMs: 10_000 });
    const [first, second] = [await call(), await call()];
    await first.giveBack();
    await second.giveBack();
    for (let i = 0; i < 12; i++) {
      const caller = await call();
      expect(caller.connection).toBe(second.connection);
      void caller.send();
      answer(caller.connection);
      await caller.giveBack();
      await clock.advance(1_000);
    }
    expect(fates()).toEqual(['ended', 'open']);
    expect(pool.stats()).toMatchObject({ size: 1, idle: 1 });
  });

  it('wait while as many connections as allowed are busy', async () => {
    const { pool, call, openings } = poolFixture({ max: 2 });
    await call();
    await call();
    const third = await call();
    expect(third.isServed).toBe(false);
    expect(openings).toHaveLength(2);
    expect(pool.stats()).toMatchObject({ size: 2, busy: 2, waiting: 1 });
  });

  it('are refused when as many as allowed wait already', async () => {
    const { call, pool } = poolFixture({ max: 1, maxWaiting: 2 });
    const holder = await call();
    const waiting = [await call(), await call()];
    const refused = await call();
    expect(refused.error).toMatchObject({ name: 'OverloadedError', code: 'QUEUE_FULL', statusCode: 503 });
    expect(pool.stats().waiting).toBe(2);
    await holder.giveBack();
    expect(waiting.map(({ isServed }) => isServed)).toEqual([true, false]);
    expect((await call()).error).toBeUndefined();
  });

  it('do not count as waiting while a connection may still be opened for them', async () => {
    const { call, succeed } = poolFixture({ max: 2, maxWaiting: 0, byHand: true });
    const callers = [await call(), await call()];
    expect((await call()).error?.code).toBe('QUEUE_FULL');
    await succeed();
    await succeed();
    expect(callers.map(({ isServed }) => isServed)).toEqual([true, true]);
    expect((await call()).error?.code).toBe('QUEUE_FULL');
  });

  it('are told when their deadline passes while they wait, and leave the queue', async () => {
    const { clock, pool, call } = poolFixture({ max: 1 });
    const holder = await call();
    const scheduled = clock.pending;
    const caller = await call(100);
    const next = await call();
    await clock.advance(99);
    expect(caller.error).toBeUndefined();
    await clock.advance(1);
    expect(caller.error).toMatchObject({ code: 'TIMEOUT', outcome: 'not-applied' });
    expect(caller.error?.message).toContain('1 of 1 connections busy, maximum 1');
    expect(pool.stats().waiting).toBe(1);
    await holder.giveBack();
    expect([caller.isServed, next.isServed]).toEqual([false, true]);
    expect(clock.pending).toBe(scheduled);
  });

  it('are told when they abort while they wait, and leave the queue', async () => {
    const { clock, pool, call } = poolFixture({ max: 1 });
    const holder = await call();
    const scheduled = clock.pending;
    const controller = new AbortController();
    const caller = await call(100_000, controller.signal);
    const reason = new Error('The browser went away.');
    controller.abort(reason);
    await clock.advance(0);
    expect(caller.error).toMatchObject({ code: 'ABORTED', outcome: 'not-applied', cause: reason });
    expect([pool.stats().waiting, clock.pending]).toEqual([0, scheduled]);
    await holder.giveBack();
    expect(caller.isServed).toBe(false);
  });

  it('are refused when they have aborted already, though a connection is idle', async () => {
    const { pool, call } = poolFixture();
    await (await call()).giveBack();
    const caller = await call(100_000, AbortSignal.abort());
    expect(caller.error?.code).toBe('ABORTED');
    expect(pool.stats().idle).toBe(1);
  });

  it('leave no timer and no listener behind once they are served', async () => {
    const { clock, call } = poolFixture({ max: 1 });
    const holder = await call();
    const scheduled = clock.pending;
    const { signal } = new AbortController();
    const caller = await call(100_000, signal);
    expect(clock.pending).toBe(scheduled + 1);
    await holder.giveBack();
    expect(caller.isServed).toBe(true);
    expect(clock.pending).toBe(scheduled);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('leave the connection that was opened for them to the next', async () => {
    const { clock, pool, call, succeed } = poolFixture({ byHand: true });
    const caller = await call(100);
    await clock.advance(100);
    expect(caller.error?.code).toBe('TIMEOUT');
    await succeed();
    expect(pool.stats()).toMatchObject({ size: 1, idle: 1 });
    expect((await call()).isServed).toBe(true);
  });
});

describe('the room of a pool', () => {
  it('is full where whoever comes would wait for others, not for a connection that is opened', async () => {
    const { pool, call, succeed } = poolFixture({ max: 2, byHand: true });
    expect(pool.isFull).toBe(false);
    const first = await call();
    expect(pool.isFull).toBe(false);
    await call();
    expect(pool.isFull).toBe(true);
    await succeed();
    await succeed();
    expect(pool.isFull).toBe(true);
    await first.giveBack();
    expect(pool.isFull).toBe(false);
  });

  it('is there for others where a connection is idle or may be opened, but for the reserve', async () => {
    const { pool, call } = poolFixture({ max: 3 });
    await (await call()).giveBack();
    expect([0, 2, 3].map((reserve) => pool.hasRoom(reserve))).toEqual([true, true, false]);
    await call();
    expect([0, 1, 2].map((reserve) => pool.hasRoom(reserve))).toEqual([true, true, false]);
    await call();
    await call();
    expect(pool.hasRoom(0)).toBe(false);
  });

  it('is not there for others before a login has succeeded, and after the end', async () => {
    const { pool, call, succeed, closing } = poolFixture({ byHand: true });
    const caller = await call();
    expect(pool.hasRoom(0)).toBe(false);
    await succeed();
    await caller.giveBack();
    expect(pool.hasRoom(0)).toBe(true);
    closing(0);
    expect(pool.hasRoom(0)).toBe(false);
  });

  it.each([
    ['a login', LOGIN_REFUSED],
    ['a connection', CONNECT_FAILED],
  ])('is not there for others for ten seconds after %s was refused', async (_what, error) => {
    const { clock, pool, call, succeed, fail } = poolFixture({ byHand: true });
    const first = await call();
    await succeed();
    const second = await call();
    await fail(error);
    await first.giveBack();
    await second.giveBack();
    expect(pool.hasRoom(0)).toBe(false);
    await clock.advance(9_999);
    expect(pool.hasRoom(0)).toBe(false);
    await clock.advance(1);
    // A refused login has to succeed first.
    expect(pool.hasRoom(0)).toBe(error === CONNECT_FAILED);
  });

  it('is not full because a login was refused: that is no reason to go elsewhere', async () => {
    const { pool, call, succeed, fail } = poolFixture({ max: 2, byHand: true });
    await call();
    await succeed();
    await call();
    await fail(LOGIN_REFUSED);
    await call();
    expect(pool.stats()).toMatchObject({ size: 1, busy: 1, waiting: 2 });
    expect(pool.isFull).toBe(false);
  });

  it('tells errors of opening from those of use', async () => {
    const { clock, pool, call, fail } = poolFixture({ byHand: true });
    const caller = await call();
    await fail(CONNECT_FAILED);
    expect(wasNotOpened(caller.error)).toBe(true);
    const used = poolFixture();
    const error = new ConnectionError('It was lost.', { code: 'CONNECTION_LOST' });
    const run = used.pool.withConnection(limitsOf(used.clock, 100), () => Promise.reject(error));
    expect(wasNotOpened(await run.catch((thrown: unknown) => thrown))).toBe(false);
    expect(pool.stats().size + clock.pending).toBe(0);
  });
});
