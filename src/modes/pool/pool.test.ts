import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { backend } from '../../../test/support/network/protocol-messages.ts';
import { ConnectionError, type DatabaseError } from '../../contract/errors.ts';
import { connectionLost } from '../../contract/failures.ts';
import type { CallLimits } from '../../contract/mode.ts';
import type { ReplyEnd } from '../wire/reply-machine.ts';
import { type Channel, WireConnection } from '../wire/wire-connection.ts';
import { wasNotOpened } from './not-opened.ts';
import { Pool } from './pool.ts';
import type { PoolSettings } from './pool-parts.ts';

const SETTINGS: PoolSettings = { max: 2, maxWaiting: 10, idleTimeoutMs: 60_000, maxLifetimeMs: 600_000 };
const LOGIN_REFUSED = new ConnectionError('The login failed.', { code: 'LOGIN_REFUSED' });
const CONNECT_FAILED = new ConnectionError('No connection.', { code: 'CONNECT_FAILED' });

/** A fake: knows how it was closed, and answers nothing. */
class FakeChannel implements Channel {
  readonly flushed = true;
  readonly cancel: (() => Promise<void>) | undefined;
  fate: 'open' | 'ended' | 'destroyed' = 'open';

  constructor(cancellable: boolean) {
    if (cancellable) this.cancel = async () => undefined;
  }

  write(): void {}
  end(): void {
    this.fate = 'ended';
  }
  destroy(): void {
    this.fate = 'destroyed';
  }
}

/** What the pool waits for and the test decides. */
interface Pending<T> {
  succeed(value: T): void;
  fail(error: unknown): void;
}

function pendingIn<T>(list: Pending<T>[]): Promise<T> {
  return new Promise((succeed, fail) => void list.push({ succeed, fail }));
}

/** A caller of the pool: it keeps its connection until it gives it back. */
class Caller {
  readonly #clock: FakeClock;
  readonly #done = Promise.withResolvers<void>();
  #connection: WireConnection | undefined;
  error: DatabaseError | undefined;

  constructor(pool: Pool, clock: FakeClock, limits: CallLimits) {
    this.#clock = clock;
    pool
      .withConnection(limits, (connection) => {
        this.#connection = connection;
        return this.#done.promise;
      })
      .catch((error: DatabaseError) => {
        this.error = error;
      });
  }

  get isServed(): boolean {
    return this.#connection !== undefined;
  }

  get connection(): WireConnection {
    if (this.#connection === undefined) throw new Error('The caller has no connection.');
    return this.#connection;
  }

  /** The batch that it sends has a second; its promise may be left alone. */
  send(access: 'read' | 'write' = 'read'): Promise<ReplyEnd> {
    const limits = limitsOf(this.#clock, 1_000);
    const batch = this.connection.exchange({
      bytes: Buffer.from('batch'),
      steps: [{ kind: 'execute', parse: true, describe: false, answer: 'command', prepared: undefined }],
      nonce: '',
      access,
      limits,
    });
    batch.catch(() => undefined);
    return batch;
  }

  async giveBack(): Promise<void> {
    this.#done.resolve();
    await this.#clock.advance(0);
  }
}

function answer(connection: WireConnection, status = 'I'): void {
  const { parseComplete, bindComplete, commandComplete, readyForQuery } = backend;
  connection.receive(
    Buffer.concat([parseComplete(), bindComplete(), commandComplete('COMMIT'), readyForQuery(status)]),
  );
}

function limitsOf(clock: FakeClock, patienceMs: number, signal?: AbortSignal): CallLimits {
  const limits = { deadline: clock.now() + patienceMs, maxRows: 10, maxBytes: 1_000 };
  return signal === undefined ? limits : { ...limits, signal };
}

interface Given extends Partial<PoolSettings> {
  /** @defaultValue 0 */
  readonly random?: number;
  /** @defaultValue true */
  readonly cancellable?: boolean;
  /** Connections open when the test says so; otherwise at once. */
  readonly byHand?: boolean;
}

function fixture({ random = 0, cancellable = true, byHand = false, ...settings }: Given = {}) {
  const clock = new FakeClock();
  const channels: FakeChannel[] = [];
  const openings: Pending<WireConnection>[] = [];
  const discards: Pending<void>[] = [];
  const connect = (): WireConnection => {
    const channel = new FakeChannel(cancellable);
    channels.push(channel);
    return new WireConnection(channel, clock, 10);
  };
  const pool = new Pool({
    mode: 'direct',
    settings: { ...SETTINGS, ...settings },
    clock,
    random: () => random,
    open: () => {
      const opening = pendingIn(openings);
      if (!byHand) openings.at(-1)?.succeed(connect());
      return opening;
    },
    discard: () => pendingIn(discards),
  });
  return {
    clock,
    pool,
    /** All that the pool has asked for, in order. */
    openings,
    discards,
    /** How each connection ended that was opened, in order. */
    fates: () => channels.map(({ fate }) => fate),
    /** A caller that has a connection by now, or waits for one. */
    call: async (patienceMs = 100_000, signal?: AbortSignal) => {
      const caller = new Caller(pool, clock, limitsOf(clock, patienceMs, signal));
      await clock.advance(0);
      return caller;
    },
    closing: (drainMs: number) => {
      const state = { isClosed: false };
      void pool.close(drainMs).then(() => {
        state.isClosed = true;
      });
      return state;
    },
    succeed: async (opening = openings.length - 1) => {
      openings[opening]?.succeed(connect());
      await clock.advance(0);
    },
    fail: async (error: unknown, opening = openings.length - 1) => {
      openings[opening]?.fail(error);
      await clock.advance(0);
    },
  };
}

describe('callers of a pool', () => {
  it('share a connection one after the other', async () => {
    const { pool, call, openings } = fixture();
    const first = await call();
    await first.giveBack();
    const second = await call();
    expect(second.connection).toBe(first.connection);
    expect(openings).toHaveLength(1);
    expect(pool.stats()).toEqual({ mode: 'direct', size: 1, idle: 0, busy: 1, waiting: 0, max: 2 });
  });

  it('get what their use of the connection gives or throws', async () => {
    const { clock, pool } = fixture();
    const limits = limitsOf(clock, 1_000);
    expect(await pool.withConnection(limits, async () => 'result')).toBe('result');
    const error = new Error('The use failed.');
    await expect(pool.withConnection(limits, () => Promise.reject(error))).rejects.toBe(error);
    expect(pool.stats()).toMatchObject({ size: 1, idle: 1 });
  });

  it('are served in the order in which they came, before one who comes later', async () => {
    const { call } = fixture({ max: 1 });
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
    const { clock, pool, call, fates } = fixture({ idleTimeoutMs: 10_000 });
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
    const { pool, call, openings } = fixture({ max: 2 });
    await call();
    await call();
    const third = await call();
    expect(third.isServed).toBe(false);
    expect(openings).toHaveLength(2);
    expect(pool.stats()).toMatchObject({ size: 2, busy: 2, waiting: 1 });
  });

  it('are refused when as many as allowed wait already', async () => {
    const { call, pool } = fixture({ max: 1, maxWaiting: 2 });
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
    const { call, succeed } = fixture({ max: 2, maxWaiting: 0, byHand: true });
    const callers = [await call(), await call()];
    expect((await call()).error?.code).toBe('QUEUE_FULL');
    await succeed();
    await succeed();
    expect(callers.map(({ isServed }) => isServed)).toEqual([true, true]);
    expect((await call()).error?.code).toBe('QUEUE_FULL');
  });

  it('are told when their deadline passes while they wait, and leave the queue', async () => {
    const { clock, pool, call } = fixture({ max: 1 });
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
    const { clock, pool, call } = fixture({ max: 1 });
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
    const { pool, call } = fixture();
    await (await call()).giveBack();
    const caller = await call(100_000, AbortSignal.abort());
    expect(caller.error?.code).toBe('ABORTED');
    expect(pool.stats().idle).toBe(1);
  });

  it('leave no timer and no listener behind once they are served', async () => {
    const { clock, call } = fixture({ max: 1 });
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
    const { clock, pool, call, succeed } = fixture({ byHand: true });
    const caller = await call(100);
    await clock.advance(100);
    expect(caller.error?.code).toBe('TIMEOUT');
    await succeed();
    expect(pool.stats()).toMatchObject({ size: 1, idle: 1 });
    expect((await call()).isServed).toBe(true);
  });
});

describe('logins of a pool', () => {
  it('are tried one at a time until one has succeeded, then as many as are wanted', async () => {
    const { call, openings, succeed } = fixture({ max: 4, byHand: true });
    for (let i = 0; i < 6; i++) await call();
    expect(openings).toHaveLength(1);
    await succeed();
    expect(openings).toHaveLength(4);
  });

  it.each(['LOGIN_REFUSED', 'LOGIN_BANNED'])(
    'tell all who wait of %s, however late they came',
    async (code) => {
      const { call, fail, openings, pool } = fixture({ byHand: true });
      const callers = [await call(), await call()];
      const refusal = new ConnectionError('The login failed.', { code });
      await fail(refusal);
      expect(callers.map(({ error }) => error)).toEqual([refusal, refusal]);
      expect(openings).toHaveLength(1);
      expect(pool.stats()).toMatchObject({ size: 0, waiting: 0 });
    },
  );

  it('pause for 20 s after a refusal, of which who comes meanwhile is told at once', async () => {
    const { clock, call, fail, openings, succeed } = fixture({ byHand: true });
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

  it('are tried one at a time again after a refusal', async () => {
    const { clock, call, fail, openings, succeed } = fixture({ max: 3, byHand: true });
    const first = await call();
    await succeed();
    first.connection.destroy(connectionLost('read'));
    await first.giveBack();
    await call();
    await call();
    expect(openings).toHaveLength(3);
    await fail(LOGIN_REFUSED, 1);
    await fail(LOGIN_REFUSED, 2);
    await clock.advance(20_001);
    await call();
    await call();
    expect(openings).toHaveLength(4);
  });

  it('leave those waiting who can be served by a connection that lives, and pause', async () => {
    const { clock, call, fail, openings, succeed } = fixture({ max: 3, byHand: true });
    const holder = await call();
    await succeed();
    const [first, second] = [await call(), await call()];
    expect(openings).toHaveLength(3);
    await fail(LOGIN_REFUSED, 1);
    await fail(LOGIN_REFUSED, 2);
    await holder.giveBack();
    expect(first.connection).toBe(holder.connection);
    await clock.advance(20_000);
    expect([second.isServed, second.error, openings.length]).toEqual([false, undefined, 3]);
    await clock.advance(1);
    expect(openings).toHaveLength(4);
  });

  it('pause on when the last connection that lived has ended', async () => {
    const { call, fail, openings, succeed } = fixture({ byHand: true });
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
    const { call, fail, succeed } = fixture({ byHand: true });
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
    const { call, fail, openings, succeed } = fixture({ byHand: true });
    const early = await call();
    const late = await call();
    await fail(CONNECT_FAILED);
    expect([early.error, late.error]).toEqual([CONNECT_FAILED, undefined]);
    expect(openings).toHaveLength(2);
    await succeed();
    expect(late.isServed).toBe(true);
  });

  it('makes no pause when none lives', async () => {
    const { clock, call, fail, openings } = fixture({ byHand: true });
    await call();
    await fail(CONNECT_FAILED);
    await call();
    expect(openings).toHaveLength(2);
    expect(clock.pending).toBe(1);
  });

  it('is told as a connection error, whatever was thrown', async () => {
    const { call, fail } = fixture({ byHand: true });
    const caller = await call();
    const cause = new Error('Something else.');
    await fail(cause);
    expect(caller.error).toMatchObject({ name: 'ConnectionError', code: 'CONNECTION', cause });
  });

  it('leaves those who wait to the connections that live, and is tried again after a second', async () => {
    const { clock, call, fail, openings, succeed } = fixture({ max: 3, byHand: true });
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
    const { call, fail, openings, succeed } = fixture({ byHand: true });
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

describe('a connection that is given back', () => {
  it.each(['T', 'E'])('is destroyed when its status is %s, and another one is opened', async (status) => {
    const { call, fates, pool } = fixture({ max: 1 });
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
    const { call, pool } = fixture({ max: 1 });
    const holder = await call();
    const next = await call();
    holder.connection.closed(new Error('read ECONNRESET'));
    await holder.giveBack();
    expect(next.connection).not.toBe(holder.connection);
    expect(pool.stats()).toMatchObject({ size: 1, busy: 1, waiting: 0 });
  });

  it('serves nobody before the answer has come that its caller did not wait for', async () => {
    const { clock, call, fates, pool } = fixture({ max: 1, cancellable: false });
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
    const { clock, call, fates } = fixture({ max: 1, cancellable: false });
    const holder = await call();
    void holder.send();
    await clock.advance(1_000);
    await holder.giveBack();
    answer(holder.connection, 'T');
    expect(fates()).toEqual(['destroyed']);
  });

  it('is replaced when that answer never comes', async () => {
    const { clock, call, fates } = fixture({ max: 1 });
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
    const { clock, call, discards, fates } = fixture({ max: 1 });
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
    const { clock, call, discards, fates } = fixture({ max: 1 });
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
    const { clock, call, discards, fates } = fixture();
    const holder = await call();
    holder.connection.tainted = true;
    await holder.giveBack();
    void holder.send();
    discards[0]?.fail(new Error('The deadline passed.'));
    await clock.advance(0);
    expect(fates()).toEqual(['destroyed']);
  });

  it('is destroyed without a discard when it is tainted and a transaction is open', async () => {
    const { call, discards, fates } = fixture();
    const holder = await call();
    holder.connection.tainted = true;
    void holder.send();
    answer(holder.connection, 'T');
    await holder.giveBack();
    expect(discards).toEqual([]);
    expect(fates()).toEqual(['destroyed']);
  });

  it('is dropped when it breaks while idle, and serves nobody', async () => {
    const { call, pool } = fixture();
    const holder = await call();
    await holder.giveBack();
    holder.connection.closed(new Error('read ECONNRESET'));
    expect(pool.stats()).toMatchObject({ size: 0, idle: 0 });
    expect((await call()).connection).not.toBe(holder.connection);
  });
});

describe('the age of a connection', () => {
  it.each([
    { random: 0, lifetimeMs: 10_000 },
    { random: 0.5, lifetimeMs: 9_500 },
    { random: 1, lifetimeMs: 9_000 },
  ])('ends its life after $lifetimeMs ms of 10000 by the chance $random', async ({ random, lifetimeMs }) => {
    for (const ageMs of [lifetimeMs - 1, lifetimeMs]) {
      const { clock, call, fates, pool } = fixture({ random, maxLifetimeMs: 10_000 });
      const holder = await call();
      await clock.advance(ageMs);
      await holder.giveBack();
      const isOver = ageMs === lifetimeMs;
      expect(fates(), `${ageMs} ms`).toEqual([isOver ? 'ended' : 'open']);
      expect(pool.stats().size, `${ageMs} ms`).toBe(isOver ? 0 : 1);
    }
  });

  it('does not end it under its caller, but before the next', async () => {
    const { clock, call, fates } = fixture({ max: 1, maxLifetimeMs: 10_000 });
    const holder = await call();
    const next = await call();
    await clock.advance(50_000);
    expect(fates()).toEqual(['open']);
    await holder.giveBack();
    expect(fates()).toEqual(['ended', 'open']);
    expect(next.connection).not.toBe(holder.connection);
  });

  it('ends an idle one within a second', async () => {
    const { clock, call, fates } = fixture({ maxLifetimeMs: 10_500 });
    await (await call()).giveBack();
    await clock.advance(10_499);
    expect(fates()).toEqual(['open']);
    await clock.advance(501);
    expect(fates()).toEqual(['ended']);
  });

  it('ends one that has been idle for long, and looks no more when there are none', async () => {
    const { clock, call, fates, pool } = fixture({ idleTimeoutMs: 5_000 });
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

describe('a pool that closes', () => {
  it('refuses those who wait and those who come', async () => {
    const { clock, call, pool } = fixture({ max: 1 });
    await call();
    const waiting = await call();
    void pool.close(5_000);
    await clock.advance(0);
    expect(waiting.error?.code).toBe('SERVICE_CLOSED');
    expect((await call()).error?.code).toBe('SERVICE_CLOSED');
    expect(pool.stats()).toMatchObject({ busy: 1, waiting: 0 });
  });

  it('says goodbye on the idle connections at once, and looks after them no more', async () => {
    const { clock, call, fates, pool } = fixture();
    const callers = [await call(), await call()];
    for (const caller of callers) await caller.giveBack();
    await pool.close(5_000);
    expect(fates()).toEqual(['ended', 'ended']);
    expect(clock.pending).toBe(0);
  });

  it('lets the callers that have a connection end, then is closed', async () => {
    const { clock, call, closing, fates } = fixture();
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
    const { clock, call, closing, fates, pool } = fixture({ max: 3 });
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
    const { clock, call, closing, fates } = fixture({ cancellable: false });
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
    const { clock, call, closing, discards, fates } = fixture();
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
    const { call, closing, fates, succeed } = fixture({ byHand: true });
    await call();
    const state = closing(5_000);
    await succeed();
    expect([state.isClosed, fates()]).toEqual([true, ['ended']]);
  });

  it('is closed when that connection cannot be opened', async () => {
    const { call, closing, fail, openings } = fixture({ byHand: true });
    await call();
    const state = closing(5_000);
    await fail(CONNECT_FAILED);
    expect([state.isClosed, openings.length]).toEqual([true, 1]);
  });

  it('ends a connection that opens after the drain', async () => {
    const { clock, call, closing, fates, pool, succeed } = fixture({ byHand: true });
    await call();
    const state = closing(500);
    await clock.advance(500);
    expect(state.isClosed).toBe(true);
    await succeed();
    expect(fates()).toEqual(['ended']);
    expect([pool.stats().size, clock.pending]).toEqual([0, 0]);
  });

  it('closes once, however often it is told', async () => {
    const { clock, pool } = fixture();
    const closed = pool.close(5_000);
    expect(pool.close(0)).toBe(closed);
    await closed;
    expect(clock.pending).toBe(0);
  });
});

describe('the room of a pool', () => {
  it('is full where whoever comes would wait for others, not for a connection that is opened', async () => {
    const { pool, call, succeed } = fixture({ max: 2, byHand: true });
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
    const { pool, call } = fixture({ max: 3 });
    await (await call()).giveBack();
    expect([0, 2, 3].map((reserve) => pool.hasRoom(reserve))).toEqual([true, true, false]);
    await call();
    expect([0, 1, 2].map((reserve) => pool.hasRoom(reserve))).toEqual([true, true, false]);
    await call();
    await call();
    expect(pool.hasRoom(0)).toBe(false);
  });

  it('is not there for others before a login has succeeded, and after the end', async () => {
    const { pool, call, succeed, closing } = fixture({ byHand: true });
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
    const { clock, pool, call, succeed, fail } = fixture({ byHand: true });
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
    const { pool, call, succeed, fail } = fixture({ max: 2, byHand: true });
    await call();
    await succeed();
    await call();
    await fail(LOGIN_REFUSED);
    await call();
    expect(pool.stats()).toMatchObject({ size: 1, busy: 1, waiting: 2 });
    expect(pool.isFull).toBe(false);
  });

  it('tells errors of opening from those of use', async () => {
    const { clock, pool, call, fail } = fixture({ byHand: true });
    const caller = await call();
    await fail(CONNECT_FAILED);
    expect(wasNotOpened(caller.error)).toBe(true);
    const used = fixture();
    const error = new ConnectionError('It was lost.', { code: 'CONNECTION_LOST' });
    const run = used.pool.withConnection(limitsOf(used.clock, 100), () => Promise.reject(error));
    expect(wasNotOpened(await run.catch((thrown: unknown) => thrown))).toBe(false);
    expect(pool.stats().size + clock.pending).toBe(0);
  });
});
