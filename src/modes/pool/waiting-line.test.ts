import { describe, expect, it } from 'vitest';
import { poolFixture } from '../../../test/support/pool-fixture.ts';
import { holdingOne } from './holder.ts';

const STATEMENT = { statement: 'nap', mayBeShed: true };

/** One connection, which is taken, and on which a statement of 10 ms was answered to a caller that had waited. */
async function busy() {
  const fixture = poolFixture({ max: 1 });
  const { clock, call } = fixture;
  const first = await call();
  const second = await call(100_000, undefined, STATEMENT);
  await first.giveBack();
  const holder = await call();
  await clock.advance(10);
  await second.giveBack();
  return { ...fixture, holder };
}

describe('a caller whose turn comes when too little time is left', () => {
  it('starts nothing, and the next one is served in its place', async () => {
    const { clock, call, holder } = await busy();
    const late = await call(24, undefined, STATEMENT);
    const next = await call(25, undefined, STATEMENT);
    await clock.advance(15);
    await holder.giveBack();
    expect([late.isServed, next.isServed]).toEqual([false, true]);
    expect(late.error).toMatchObject({
      name: 'OverloadedError',
      code: 'OVERLOADED',
      statusCode: 503,
      outcome: 'not-applied',
      retryAfterMs: 1,
      message:
        'The call waited for a direct connection until too little time was left: 9 ms, and its statement takes at least 10 ms.',
    });
  });

  it.each([
    ['it may not be refused', { statement: 'nap', mayBeShed: false }],
    ['nobody says that it may be', { statement: 'nap' }],
    ['it has other work than one statement', { mayBeShed: true }],
    ['its statement is not known', { statement: 'another one', mayBeShed: true }],
  ])('starts it all the same where %s', async (_, given) => {
    const { clock, call, holder } = await busy();
    const late = await call(24, undefined, given);
    await clock.advance(15);
    await holder.giveBack();
    expect(late.isServed).toBe(true);
  });

  it('starts it where it holds a connection of the pool, which it keeps until then', async () => {
    const { clock, pool, call, holder } = await busy();
    const late = await holdingOne(pool, clock.now() + 1_000, () => call(24, undefined, STATEMENT));
    await clock.advance(15);
    await holder.giveBack();
    expect(late.isServed).toBe(true);
  });

  it('is told to come back when half of the queue is gone', async () => {
    const { clock, pool, call, holder } = await busy();
    let last = holder;
    for (let n = 0; n < 7; n++) {
      const next = await call();
      await clock.advance(20);
      await last.giveBack();
      last = next;
    }
    const late = await call(9, undefined, STATEMENT);
    for (let n = 0; n < 7; n++) await call();
    // Nine are there, and one more would come.
    const intervalMs = pool.expectedMs / 10;
    expect(intervalMs).toBeGreaterThan(10);
    await last.giveBack();
    expect(late.error).toMatchObject({ code: 'OVERLOADED', retryAfterMs: Math.ceil((8 * intervalMs) / 2) });
  });

  it('has waited in vain where none is left, and is given no connection', async () => {
    const { pool, clock, call } = poolFixture({ max: 1 });
    const holder = await call();
    const late = await call(10);
    // As where the clock is late: nobody was told of the deadline before.
    const now = clock.now() + 10;
    clock.now = () => now;
    await holder.giveBack();
    expect(late.isServed).toBe(false);
    expect(late.error).toMatchObject({ code: 'TIMEOUT', outcome: 'not-applied' });
    expect(pool.stats()).toMatchObject({ idle: 1, waiting: 0 });
  });

  it('is not judged by calls that failed', async () => {
    const { clock, pool, call } = poolFixture({ max: 1 });
    const first = await call();
    const failing = pool.withConnection(
      { deadline: clock.now() + 1_000, signal: undefined, maxRows: 1, maxBytes: 1, mayBeShed: true },
      () => new Promise((_, reject) => void clock.schedule(() => reject(new Error('It failed.')), 10)),
      'nap',
    );
    failing.catch(() => undefined);
    await first.giveBack();
    const late = await call(12, undefined, STATEMENT);
    await clock.advance(10);
    expect(late.isServed).toBe(true);
  });
});
