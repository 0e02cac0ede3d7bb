import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { CurrentFlag } from './current-flag.ts';
import type { FlagSource, RolloutTrip, StoredRollout } from './flag-source.ts';
import type { RolloutEvent } from './rollout-event.ts';

const TRIP: RolloutTrip = {
  id: 't1',
  at: '2030-01-01T00:00:00.000Z',
  reason: 'errors',
  operation: 'select',
  table: 'trips',
  consolidated: 1,
  legacy: 0,
};

/** A source in memory. */
class StoredFlag implements FlagSource {
  stored: { flag: unknown; trip: RolloutTrip | undefined } = { flag: { percentage: 50 }, trip: undefined };
  failure: Error | undefined;
  isSilent = false;
  reads = 0;
  changed = (): void => {};
  isWatched = false;

  read(): Promise<StoredRollout> {
    this.reads += 1;
    if (this.isSilent) return new Promise(() => {});
    return this.failure === undefined ? Promise.resolve({ ...this.stored }) : Promise.reject(this.failure);
  }

  watch(changed: () => void): () => void {
    this.changed = changed;
    this.isWatched = true;
    return () => {
      this.isWatched = false;
    };
  }

  async trip(trip: RolloutTrip): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.stored.trip ??= trip;
  }

  async reset(): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.stored.trip = undefined;
  }
}

function setUp(source = new StoredFlag()) {
  const clock = new FakeClock();
  const events: RolloutEvent[] = [];
  const warnings: string[] = [];
  const current = new CurrentFlag({
    source,
    clock,
    pollMs: 400,
    keepLastMs: 10_000,
    tell: (event) => void events.push(event),
    onWarning: (message) => void warnings.push(message),
  });
  return { source, clock, events, warnings, current };
}

const percentageOf = ({ known }: CurrentFlag): unknown =>
  typeof known === 'string' ? known : known.flag.percentage;

describe('the flag in memory', () => {
  it('is none before the first reading', () => {
    expect(setUp().current.known).toBe('none');
  });

  it('follows its source within the time between two readings', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    expect(percentageOf(current)).toBe(50);
    source.stored.flag = { percentage: 75 };
    await clock.advance(399);
    expect(percentageOf(current)).toBe(50);
    await clock.advance(1);
    expect(percentageOf(current)).toBe(75);
  });

  it('is read at once when its source tells of a change', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    source.stored.flag = { killed: true };
    source.changed();
    await clock.advance(0);
    expect(current.known).toMatchObject({ isKilled: true });
  });

  it('is read once more when a change is told while it is read', async () => {
    const { current, source, clock } = setUp();
    const started = current.start();
    source.changed();
    source.changed();
    await started;
    await clock.advance(0);
    expect(source.reads).toBe(2);
  });

  it('is kept while its source fails, and then not known', async () => {
    const { current, source, clock, events, warnings } = setUp();
    await current.start();
    source.failure = new Error('away');
    await clock.advance(9_900);
    expect(percentageOf(current)).toBe(50);
    expect(current.readability).toBe('unreadable');
    await clock.advance(1_000);
    expect(current.known).toBe('unknown');
    source.failure = undefined;
    await clock.advance(400);
    expect(percentageOf(current)).toBe(50);
    expect(events.flatMap((event) => (event.type === 'source' ? [event.change] : []))).toEqual([
      'unreadable',
      'unknown',
      'readable',
    ]);
    expect(warnings).toHaveLength(1);
  });

  it('is not known where its source never answers', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    source.isSilent = true;
    await clock.advance(12_000);
    expect(current.known).toBe('unknown');
  });

  it('is what the newest reading says, whatever arrives later', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    let answerLate = (_: StoredRollout): void => {};
    source.read = () =>
      new Promise((resolve) => {
        answerLate = resolve;
      });
    await clock.advance(400);
    const late = answerLate;
    source.read = () => Promise.resolve({ flag: { killed: true }, trip: undefined });
    await clock.advance(1_200);
    late({ flag: { percentage: 100 }, trip: undefined });
    await clock.advance(0);
    expect(current.known).toMatchObject({ isKilled: true });
  });

  it.each([
    ['half written', 'text'],
    ['an unknown name', { percentages: 5 }],
    ['a share beyond all', { percentage: 101 }],
    ['an unknown operation', { rules: [{ operations: ['truncate'] }] }],
  ])('is the last one where the new one is wrong: %s', async (_, flag) => {
    const { current, source, clock, warnings } = setUp();
    await current.start();
    source.stored.flag = flag;
    await clock.advance(400);
    expect(percentageOf(current)).toBe(50);
    expect(warnings.join()).toMatch(/invalid/);
  });

  it('stays killed while its source fails, however long', async () => {
    const { current, source, clock } = setUp();
    source.stored.flag = { killed: true };
    await current.start();
    source.failure = new Error('away');
    await clock.advance(60_000);
    expect(current.known).toMatchObject({ isKilled: true });
    expect(current.readability).toBe('unknown');
  });

  it('tells how many users it names, and not who they are', async () => {
    const { current, source, events } = setUp();
    source.stored.flag = { percentage: 5, allow: ['ana', 'ben'], deny: ['carl'] };
    await current.start();
    const told = { percentage: 5, allow: 2, deny: 1 };
    expect(current.flag).toEqual(told);
    expect(events).toEqual([{ type: 'flag', flag: told }]);
  });

  it('is none where its source has none any more', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    source.stored.flag = undefined;
    await clock.advance(400);
    expect(current.known).toBe('none');
  });

  it('is no longer read once it is closed', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    await current.close();
    source.changed();
    await clock.advance(5_000);
    expect([source.reads, source.isWatched, clock.pending, current.known]).toEqual([1, false, 0, 'none']);
  });
});

describe('a trip', () => {
  it('holds at once, and is stored for the others', async () => {
    const { current, source, clock, events } = setUp();
    await current.start();
    current.tripNow(TRIP);
    expect(current.trip).toEqual(TRIP);
    await clock.advance(400);
    expect(source.stored.trip).toEqual(TRIP);
    expect(current.trip).toEqual(TRIP);
    expect(events.filter(({ type }) => type === 'tripped')).toEqual([
      { type: 'tripped', trip: TRIP, isStored: true },
    ]);
  });

  it('of another process holds here too', async () => {
    const { current, source, clock, events } = setUp();
    await current.start();
    source.stored.trip = TRIP;
    await clock.advance(400);
    expect(current.trip).toEqual(TRIP);
    expect(events.at(-1)).toMatchObject({ type: 'tripped' });
  });

  it('holds while it cannot be stored, and is stored later', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    source.failure = new Error('away');
    current.tripNow(TRIP);
    await clock.advance(2_000);
    expect([current.trip, source.stored.trip]).toEqual([TRIP, undefined]);
    source.failure = undefined;
    await clock.advance(800);
    expect(source.stored.trip).toEqual(TRIP);
  });

  it('that could not be stored outlives what is done by hand elsewhere meanwhile', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    source.failure = new Error('away');
    current.tripNow(TRIP);
    await clock.advance(400);
    source.failure = undefined;
    await source.reset();
    await clock.advance(400);
    expect([current.trip, source.stored.trip]).toEqual([TRIP, TRIP]);
  });

  it('holds beside a flag that is wrong', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    source.stored = { flag: { killed: 'yes' }, trip: TRIP };
    await clock.advance(400);
    expect(current.trip).toEqual(TRIP);
  });

  it('ends by hand, in this process', async () => {
    const { current, clock, events } = setUp();
    await current.start();
    current.tripNow(TRIP);
    await clock.advance(1_000);
    await current.reset();
    await clock.advance(2_000);
    expect(current.trip).toBeUndefined();
    expect(events.at(-1)).toEqual({ type: 'reset' });
  });

  it('ends by hand before it was stored', async () => {
    const { current, events } = setUp();
    await current.start();
    current.tripNow(TRIP);
    await current.reset();
    expect(current.trip).toBeUndefined();
    expect(events.at(-1)).toEqual({ type: 'reset' });
  });

  it('that was being stored when somebody took it away does not come back', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const store = source.trip.bind(source);
    source.trip = async (trip) => {
      await arrived;
      await store(trip);
    };
    current.tripNow(TRIP);
    const reset = current.reset();
    arrive();
    await reset;
    await clock.advance(2_000);
    expect([current.trip, source.stored.trip]).toEqual([undefined, undefined]);
  });

  it('that was being read when somebody took it away does not come back', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    current.tripNow(TRIP);
    await clock.advance(400);
    const { promise, resolve } = Promise.withResolvers<StoredRollout>();
    const read = source.read.bind(source);
    source.read = () => promise;
    await clock.advance(400);
    source.read = read;
    await current.reset();
    resolve({ flag: { percentage: 50 }, trip: TRIP });
    await clock.advance(0);
    expect(current.trip).toBeUndefined();
  });

  it('ends by hand, in another process', async () => {
    const { current, source, clock } = setUp();
    await current.start();
    current.tripNow(TRIP);
    await clock.advance(1_000);
    await source.reset();
    await clock.advance(400);
    expect(current.trip).toBeUndefined();
  });

  it('does not end where it cannot be taken away', async () => {
    const { current, source } = setUp();
    await current.start();
    current.tripNow(TRIP);
    source.failure = new Error('away');
    await expect(current.reset()).rejects.toThrow('away');
    expect(current.trip).toEqual(TRIP);
  });

  it('holds in its own process where the source keeps none', async () => {
    const source: FlagSource = { read: async () => ({ flag: { percentage: 100 }, trip: undefined }) };
    const clock = new FakeClock();
    const events: RolloutEvent[] = [];
    const current = new CurrentFlag({
      ...{ source, clock, pollMs: 400, keepLastMs: 10_000, onWarning: () => {} },
      tell: (event) => void events.push(event),
    });
    await current.start();
    current.tripNow(TRIP);
    await clock.advance(5_000);
    expect(current.trip).toEqual(TRIP);
    expect(events.at(-1)).toMatchObject({ type: 'tripped', isStored: false });
    await current.reset();
    expect(current.trip).toBeUndefined();
  });
});
