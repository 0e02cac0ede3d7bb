import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { ConnectionError, TimeoutError, ValidationError } from '../contract/errors.ts';
import { CallTimes } from './call-times.ts';
import type { RolloutTrip } from './flag-source.ts';
import { Guard } from './guard.ts';
import type { Side } from './side-choice.ts';

const LIMITS = {
  ...{
    windowMs: 30_000,
    minCalls: 20,
    errorMargin: 0.05,
    slowFactor: 2,
    slowMarginMs: 10,
    maxDifferences: 3,
  },
};

function setUp() {
  const clock = new FakeClock();
  const times = new CallTimes(clock);
  const trips: RolloutTrip[] = [];
  const guard = new Guard({ limits: LIMITS, times, clock, trip: (trip) => void trips.push(trip) });
  guard.start();
  /** Calls at the same time, each of which takes so long. */
  const calls = async (side: Side, count: number, ms: number, error?: Error, table = 'trips') => {
    const all = Array.from({ length: count }, () =>
      times
        .of('select', table, side, () => {
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          clock.schedule(() => (error === undefined ? resolve() : reject(error)), ms);
          return promise;
        })
        .catch(() => undefined),
    );
    await clock.advance(ms);
    await Promise.all(all);
  };
  return { clock, guard, trips, calls, times };
}

const FAULT = new ConnectionError('away');

describe('the guard', () => {
  it('lets be what is as good', async () => {
    const { calls, clock, trips } = setUp();
    await calls('legacy', 50, 20);
    await calls('consolidated', 50, 45);
    await clock.advance(1_000);
    expect(trips).toEqual([]);
  });

  it('sends traffic back when more calls fail', async () => {
    const { calls, clock, trips } = setUp();
    await calls('legacy', 50, 5);
    await calls('consolidated', 46, 5);
    await calls('consolidated', 4, 5, FAULT);
    await clock.advance(250);
    expect(trips).toMatchObject([
      { reason: 'errors', operation: 'select', table: 'trips', consolidated: 0.08, legacy: 0 },
    ]);
  });

  it('lets be what fails on both sides', async () => {
    const { calls, clock, trips } = setUp();
    await calls('legacy', 50, 5, FAULT);
    await calls('consolidated', 50, 5, FAULT);
    await clock.advance(1_000);
    expect(trips).toEqual([]);
  });

  it('adds up the failures of tables that have few calls', async () => {
    const { calls, clock, trips } = setUp();
    for (let n = 0; n < 10; n++) await calls('consolidated', 3, 5, FAULT, `table_${n}`);
    await clock.advance(250);
    expect(trips).toMatchObject([{ reason: 'errors', operation: 'all', table: 'all', consolidated: 1 }]);
  });

  it('lets be what the requests cause, and callers who gave up', async () => {
    const { calls, clock, trips } = setUp();
    await calls('consolidated', 50, 5, new ValidationError('no uuid'));
    await calls('consolidated', 50, 5, new TimeoutError('gave up', { code: 'ABORTED' }));
    await clock.advance(1_000);
    expect(trips).toEqual([]);
  });

  it('judges nothing by few calls', async () => {
    const { calls, clock, trips } = setUp();
    await calls('legacy', 50, 5);
    await calls('consolidated', 19, 500, FAULT);
    await clock.advance(1_000);
    expect(trips).toEqual([]);
  });

  it('sends traffic back when calls are slower', async () => {
    const { calls, clock, trips } = setUp();
    await calls('legacy', 50, 20);
    await calls('consolidated', 47, 20);
    await calls('consolidated', 3, 51);
    await clock.advance(2_000);
    expect(trips).toEqual([]);
    await clock.advance(500);
    expect(trips).toMatchObject([
      { reason: 'slow', operation: 'select', table: 'trips', consolidated: 51, legacy: 20 },
    ]);
  });

  it('lets a side begin slowly, whose first calls open its connections', async () => {
    const { calls, clock, trips } = setUp();
    await calls('legacy', 50, 20);
    await calls('consolidated', 20, 300);
    await clock.advance(1_000);
    await calls('consolidated', 500, 20);
    await clock.advance(10_000);
    expect(trips).toEqual([]);
  });

  it('compares only calls of the same kind', async () => {
    const { calls, clock, trips } = setUp();
    await calls('legacy', 50, 5, undefined, 'quick');
    await calls('consolidated', 50, 500, undefined, 'slow');
    await clock.advance(1_000);
    expect(trips).toEqual([]);
  });

  it('does not wait for the answers of calls that hang', async () => {
    const { calls, clock, times, trips } = setUp();
    await calls('legacy', 50, 20);
    for (let n = 0; n < 20; n++)
      void times.of('select', 'trips', 'consolidated', () => new Promise(() => {}));
    await clock.advance(2_500);
    expect(trips).toMatchObject([{ reason: 'slow', table: 'trips' }]);
  });

  it('remembers what legacy has shown, where it has no calls any more', async () => {
    const { calls, clock, trips } = setUp();
    await calls('legacy', 50, 20);
    await clock.advance(60_000);
    await calls('consolidated', 50, 200);
    await clock.advance(2_500);
    expect(trips).toMatchObject([{ reason: 'slow', consolidated: 200, legacy: 20 }]);
  });

  it('forgets what is older than its window', async () => {
    const { calls, clock, trips } = setUp();
    await calls('consolidated', 19, 5, FAULT);
    await clock.advance(31_000);
    await calls('consolidated', 19, 5, FAULT);
    await clock.advance(1_000);
    expect(trips).toEqual([]);
  });

  it('sends traffic back when comparisons find differences, and calls go there', async () => {
    const { calls, clock, guard, trips } = setUp();
    for (let n = 0; n < 4; n++) guard.differs('select', 'trips');
    await clock.advance(1_000);
    expect(trips).toEqual([]);
    await calls('consolidated', 1, 5);
    await clock.advance(250);
    expect(trips).toMatchObject([
      { reason: 'differences', operation: 'select', table: 'trips', consolidated: 4 },
    ]);
  });

  it('forgets calls that were under way when traffic went back', async () => {
    const { calls, clock, times, trips } = setUp();
    await calls('legacy', 50, 20);
    const hanging = Array.from({ length: 20 }, () => Promise.withResolvers<void>());
    const all = hanging.map(({ promise }) => times.of('select', 'trips', 'consolidated', () => promise));
    await clock.advance(250);
    await clock.advance(5_000);
    for (const { resolve } of hanging) resolve();
    await Promise.all(all);
    await clock.advance(1_000);
    expect(trips).toHaveLength(1);
  });

  it('begins anew behind a trip', async () => {
    const { calls, clock, trips } = setUp();
    await calls('consolidated', 50, 5, FAULT);
    await clock.advance(5_000);
    expect(trips).toHaveLength(1);
  });

  it('looks no more once it is stopped', async () => {
    const { calls, clock, guard, trips } = setUp();
    guard.stop();
    await calls('consolidated', 50, 5, FAULT);
    await clock.advance(5_000);
    expect([trips, clock.pending]).toEqual([[], 0]);
  });
});
