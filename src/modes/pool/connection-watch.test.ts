import { describe, expect, it } from 'vitest';
import { CONNECT_FAILED, limitsOf, poolFixture } from '../../../test/support/pool-fixture.ts';
import type { CallTrace } from '../../contract/call-trace.ts';
import { replyMismatch } from '../../contract/failures.ts';

describe('a pool tells of its connections', () => {
  it('what opening took, and how long each lived', async () => {
    const { clock, call, succeed, told, pool } = poolFixture({ byHand: true });
    const caller = await call();
    await clock.advance(30);
    await succeed();
    await clock.advance(100);
    await caller.giveBack();
    await pool.close(0);
    expect(told).toEqual(['opened after 30, well', 'ended after 100, well']);
  });

  it('that one could not be opened, and why', async () => {
    const { clock, call, fail, told } = poolFixture({ byHand: true });
    await call();
    await clock.advance(7);
    await fail(CONNECT_FAILED);
    expect(told).toEqual(['failed after 7, CONNECT_FAILED']);
  });

  it('why one broke: while it was used, while it was idle, and when the service was closed', async () => {
    const { call, told, pool, clock } = poolFixture({ max: 3 });
    const [used, idle, held] = [await call(), await call(), await call()];
    const mismatch = replyMismatch('It was another one.', 'read');
    used.connection.destroy(mismatch);
    await used.giveBack();
    const { connection } = idle;
    await idle.giveBack();
    connection.destroy(mismatch);
    expect(held.isServed).toBe(true);
    void pool.close(10);
    await clock.advance(10);
    await held.giveBack();
    expect(told.slice(3)).toEqual([
      'ended after 0, REPLY_MISMATCH',
      'ended after 0, REPLY_MISMATCH',
      'ended after 10, CONNECTION_LOST',
    ]);
  });
});

describe('the trace of a call', () => {
  /** A caller with a trace, and what it waited for. */
  function traced(fixture: ReturnType<typeof poolFixture>, patienceMs = 1_000) {
    const trace: CallTrace = { queueMs: 0, connectMs: 0, serverMs: 0 };
    const limits = { ...limitsOf(fixture.clock, patienceMs), trace };
    const done = fixture.pool.withConnection(limits, async () => undefined).catch(() => undefined);
    return { done, waited: () => [trace.queueMs, trace.connectMs] };
  }

  it('has no wait where a connection is idle', async () => {
    const fixture = poolFixture();
    await (await fixture.call()).giveBack();
    const { done, waited } = traced(fixture);
    await done;
    expect(waited()).toEqual([0, 0]);
  });

  it('has the wait for a connection that is opened', async () => {
    const fixture = poolFixture({ byHand: true });
    const { waited } = traced(fixture);
    await fixture.clock.advance(40);
    await fixture.succeed();
    expect(waited()).toEqual([0, 40]);
  });

  it('has the wait for a connection that others use', async () => {
    const fixture = poolFixture({ max: 1 });
    const holder = await fixture.call();
    const { waited } = traced(fixture);
    await fixture.clock.advance(50);
    await holder.giveBack();
    expect(waited()).toEqual([50, 0]);
  });

  it('has both where a connection is opened after a wait for others', async () => {
    const fixture = poolFixture({ max: 1, byHand: true });
    const holder = await fixture.call();
    await fixture.succeed();
    const { waited } = traced(fixture);
    await fixture.clock.advance(20);
    holder.connection.destroy(CONNECT_FAILED);
    await holder.giveBack();
    await fixture.clock.advance(5);
    await fixture.succeed();
    expect(waited()).toEqual([20, 5]);
  });

  it('has the wait of one who waits in vain: for others, or for a connection that does not come', async () => {
    const full = poolFixture({ max: 1 });
    await full.call();
    const queued = traced(full, 60);
    await full.clock.advance(200);
    expect(queued.waited()[1]).toBe(0);
    expect(queued.waited()[0]).toBeGreaterThanOrEqual(60);

    const stuck = poolFixture({ byHand: true });
    const connecting = traced(stuck, 60);
    await stuck.clock.advance(200);
    expect(connecting.waited()[0]).toBe(0);
    expect(connecting.waited()[1]).toBeGreaterThanOrEqual(60);
  });
});
