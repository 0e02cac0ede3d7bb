import { describe, expect, it } from 'vitest';
import { CONNECT_FAILED, LOGIN_REFUSED, poolFixture } from '../../../test/support/pool-fixture.ts';
import { ConnectionError } from '../../contract/errors.ts';
import { connectionLost } from '../../contract/failures.ts';

describe('logins of a pool', () => {
  it('are tried one at a time until one has succeeded, then as many as are wanted', async () => {
    const { call, openings, succeed } = poolFixture({ max: 4, byHand: true });
    for (let i = 0; i < 6; i++) await call();
    expect(openings).toHaveLength(1);
    await succeed();
    expect(openings).toHaveLength(4);
  });

  it.each(['LOGIN_REFUSED', 'LOGIN_BANNED'])(
    'tell all who wait of %s, however late they came',
    async (code) => {
      const { call, fail, openings, pool } = poolFixture({ byHand: true });
      const callers = [await call(), await call()];
      const refusal = new ConnectionError('The login failed.', { code });
      await fail(refusal);
      expect(callers.map(({ error }) => error)).toEqual([refusal, refusal]);
      expect(openings).toHaveLength(1);
      expect(pool.stats()).toMatchObject({ size: 0, waiting: 0 });
    },
  );

  it('pause for 20 s after a refusal, of which who comes meanwhile is told at once', async () => {
    const { clock, call, fail, openings, succeed } = poolFixture({ byHand: true });
    await call();
    await fail(LOGIN_REFUSED);
    expect((await call()).error).toBe(LOGIN_REFUSED);
    await clock.advance(19_999);
    expect((await call()).error).toBe(LOGIN_REFUSED);
    expect(openings).toHaveLength(1);
    await clock.advance(1);
    const caller = await call();
    expect(openings).toHaveLength(2);
    await succeed();
    expect(caller.isServed).toBe(true);
  });

  it('say how long they rest, where no connection lives', async () => {
    const { clock, call, fail, pool, succeed } = poolFixture({ byHand: true });
    expect(pool.restMs).toBe(0);
    await call();
    await fail(LOGIN_REFUSED);
    expect(pool.restMs).toBe(20_000);
    await clock.advance(15_000);
    expect(pool.restMs).toBe(5_000);
    await clock.advance(6_000);
    expect(pool.restMs).toBe(0);
    const caller = await call();
    await succeed();
    await call();
    await fail(LOGIN_REFUSED);
    // The one that lives answers.
    expect(pool.restMs).toBe(0);
    caller.connection.destroy(connectionLost('read'));
    await caller.giveBack();
    expect(pool.restMs).toBe(20_000);
  });

  it('are tried one at a time where none lives, though one went well before', async () => {
    const { clock, call, fail, openings, succeed } = poolFixture({ max: 3, byHand: true });
    const first = await call();
    await succeed();
    first.connection.destroy(connectionLost('read'));
    await first.giveBack();
    await call();
    await call();
    expect(openings).toHaveLength(2);
    await fail(LOGIN_REFUSED, 1);
    await clock.advance(20_001);
    await call();
    await call();
    expect(openings).toHaveLength(3);
  });

  it('leave those waiting who can be served by a connection that lives, and pause', async () => {
    const { clock, call, fail, openings, succeed } = poolFixture({ max: 3, byHand: true });
    const holder = await call();
    await succeed();
    const [first, second] = [await call(), await call()];
    expect(openings).toHaveLength(3);
    await fail(LOGIN_REFUSED, 1);
    await fail(LOGIN_REFUSED, 2);
    await holder.giveBack();
    expect(first.connection).toBe(holder.connection);
    // Two wait, and a refused login is tried again by one of them.
    await call();
    await clock.advance(20_000);
    expect([second.isServed, second.error, openings.length]).toEqual([false, undefined, 3]);
    await clock.advance(1);
    expect(openings).toHaveLength(4);
  });

  it('pause on when the last connection that lived has ended', async () => {
    const { call, fail, openings, succeed } = poolFixture({ byHand: true });
    const holder = await call();
    await succeed();
    await call();
    await fail(LOGIN_REFUSED);
    holder.connection.destroy(connectionLost('read'));
    await holder.giveBack();
    expect((await call()).error).toBe(LOGIN_REFUSED);
    expect(openings).toHaveLength(2);
  });

  // Nothing can serve it before the pause is over: it is told at once, as those are who come after it.
  it('tell who waits when the last connection that lived has ended', async () => {
    const { call, fail, succeed } = poolFixture({ byHand: true });
    const holder = await call();
    await succeed();
    const waiting = await call();
    await fail(LOGIN_REFUSED);
    holder.connection.destroy(connectionLost('read'));
    await holder.giveBack();
    expect(waiting.error).toBe(LOGIN_REFUSED);
  });
});

describe('a connection that cannot be opened', () => {
  it('is told to those who waited when it was asked for; for the others it is tried again', async () => {
    const { call, fail, openings, succeed } = poolFixture({ byHand: true });
    const early = await call();
    const late = await call();
    await fail(CONNECT_FAILED);
    expect([early.error, late.error]).toEqual([CONNECT_FAILED, undefined]);
    expect(openings).toHaveLength(2);
    await succeed();
    expect(late.isServed).toBe(true);
  });

  it('makes no pause when none lives', async () => {
    const { clock, call, fail, openings } = poolFixture({ byHand: true });
    await call();
    await fail(CONNECT_FAILED);
    await call();
    expect(openings).toHaveLength(2);
    expect(clock.pending).toBe(1);
  });

  it('is told as a connection error, whatever was thrown', async () => {
    const { call, fail } = poolFixture({ byHand: true });
    const caller = await call();
    const cause = new Error('Something else.');
    await fail(cause);
    expect(caller.error).toMatchObject({ name: 'ConnectionError', code: 'CONNECTION', cause });
  });

  it('leaves those who wait to the connections that live, and is tried again after a second', async () => {
    const { clock, call, fail, openings, succeed } = poolFixture({ max: 3, byHand: true });
    const holder = await call();
    await succeed();
    const first = await call();
    await fail(CONNECT_FAILED);
    const second = await call();
    expect([first.error, second.error, openings.length]).toEqual([undefined, undefined, 2]);
    await holder.giveBack();
    expect(first.connection).toBe(holder.connection);
    await clock.advance(1_000);
    expect(openings).toHaveLength(2);
    await clock.advance(1);
    expect(openings).toHaveLength(3);
    await succeed();
    expect(second.isServed).toBe(true);
  });

  it('is tried again at once when the last one that lived has ended', async () => {
    const { call, fail, openings, succeed } = poolFixture({ byHand: true });
    const holder = await call();
    await succeed();
    const waiting = await call();
    await fail(CONNECT_FAILED);
    holder.connection.destroy(connectionLost('read'));
    await holder.giveBack();
    expect(openings).toHaveLength(3);
    await succeed();
    expect(waiting.isServed).toBe(true);
  });
});
