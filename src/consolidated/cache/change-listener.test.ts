import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ConnectionError } from '../../contract/errors.ts';
import type { ServiceEvent } from '../../contract/service-event.ts';
import type { KeepableSession } from '../notifications/kept-session.ts';
import { type ChangeEvents, ChangeListener } from './change-listener.ts';

const ASK_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 3_000;

/** A session as a test ends, silences or answers for it. */
class FakeSession implements KeepableSession {
  readonly events: ChangeEvents;
  answer: () => Promise<boolean> = async () => true;
  asked = 0;
  over: 'closed' | 'destroyed' | undefined;
  constructor(events: ChangeEvents) {
    this.events = events;
  }
  stillListens(): Promise<boolean> {
    this.asked += 1;
    return this.answer();
  }
  async close(): Promise<void> {
    this.over = 'closed';
  }
  destroy(): void {
    this.over = 'destroyed';
  }
}

interface SetUp {
  readonly open?: () => Promise<void>;
  readonly refresh?: () => Promise<void>;
  readonly restAfter?: (error: unknown) => number | undefined;
}

function setUp({ open, refresh, restAfter }: SetUp = {}) {
  const clock = new FakeClock();
  const sessions: FakeSession[] = [];
  const told: unknown[] = [];
  const warnings: string[] = [];
  const events: ServiceEvent[] = [];
  const counts = { opened: 0 };
  const listener = new ChangeListener({
    source: {
      async open(events) {
        counts.opened += 1;
        await open?.();
        const session = new FakeSession(events);
        sessions.push(session);
        return session;
      },
      restAfter: restAfter ?? (() => undefined),
    },
    sink: {
      touch: (tables) => void told.push(tables),
      flush: (cause) => void told.push(cause),
    },
    async refreshCatalog() {
      told.push('catalog');
      await refresh?.();
    },
    clock,
    random: () => 0.5,
    onWarning: (message) => void warnings.push(message),
    tell: (event) => void events.push(event),
  });
  const newest = (): FakeSession => sessions.at(-1) as FakeSession;
  return { clock, listener, sessions, newest, told, warnings, events, counts };
}

const CAUGHT_UP = ['listener was away', 'catalog', 'listener was away'];

describe('what hears of changes', () => {
  it('opens nothing before it is started, and one session however often that is', async () => {
    const { clock, listener, counts } = setUp();
    await clock.advance(60_000);
    expect(counts.opened).toBe(0);
    listener.start();
    listener.start();
    await clock.advance(0);
    expect(counts.opened).toBe(1);
    expect(listener.isListening).toBe(true);
  });

  it('flushes what was kept before it listened, and only then says that it listens', async () => {
    const catalog = Promise.withResolvers<void>();
    const { clock, listener, told } = setUp({ refresh: () => catalog.promise });
    listener.start();
    await clock.advance(0);
    expect(listener.isListening).toBe(false);
    expect(told).toEqual(['listener was away', 'catalog']);
    catalog.resolve();
    await clock.advance(0);
    expect(told).toEqual(CAUGHT_UP);
    expect(listener.isListening).toBe(true);
  });

  it('passes on the table of each payload, while it catches up too', async () => {
    const catalog = Promise.withResolvers<void>();
    const { clock, listener, told, newest } = setUp({ refresh: () => catalog.promise });
    listener.start();
    await clock.advance(0);
    newest().events.heard('public.early');
    catalog.resolve();
    await clock.advance(0);
    newest().events.heard('odd.schema.Odd "table", *');
    expect(told).toEqual([
      'listener was away',
      'catalog',
      ['public.early'],
      'listener was away',
      ['odd.schema.Odd "table", *'],
    ]);
  });

  it('flushes and reads the catalog anew where anything may have changed', async () => {
    let catalog = Promise.resolve();
    const { clock, listener, told, newest } = setUp({ refresh: () => catalog });
    listener.start();
    await clock.advance(0);
    told.length = 0;
    const reading = Promise.withResolvers<void>();
    catalog = reading.promise;
    newest().events.heard('*');
    expect(told).toEqual(['notified', 'catalog']);
    expect(listener.isListening).toBe(false);
    catalog = Promise.resolve();
    // Committed after the catalog began to be read: it may be without it.
    newest().events.heard('*');
    reading.resolve();
    await clock.advance(0);
    expect(told).toEqual(['notified', 'catalog', 'notified', 'notified', 'catalog', 'notified']);
    expect(listener.isListening).toBe(true);
  });

  it('flushes everything when it listens again after its session was lost', async () => {
    const { clock, listener, told, sessions } = setUp();
    listener.start();
    await clock.advance(0);
    told.length = 0;
    sessions[0]?.events.ended();
    expect(listener.isListening).toBe(false);
    expect(told).toEqual([]);
    await clock.advance(100);
    expect(sessions).toHaveLength(2);
    expect(listener.isListening).toBe(true);
    expect(told).toEqual(CAUGHT_UP);
  });

  it('takes nothing from a session that it has given up', async () => {
    const { clock, listener, told, sessions } = setUp();
    listener.start();
    await clock.advance(0);
    sessions[0]?.events.ended();
    await clock.advance(100);
    told.length = 0;
    sessions[0]?.events.heard('public.trips');
    sessions[0]?.events.ended();
    await clock.advance(10_000);
    expect(told).toEqual([]);
    expect(sessions).toHaveLength(2);
    expect(listener.isListening).toBe(true);
  });

  it('counts as away while the catalog cannot be read, and tries again', async () => {
    let fails = true;
    const refresh = () => (fails ? Promise.reject(new Error('no catalog')) : Promise.resolve());
    const { clock, listener, sessions, warnings, told } = setUp({ refresh });
    listener.start();
    await clock.advance(0);
    expect(listener.isListening).toBe(false);
    expect(sessions[0]?.over).toBe('destroyed');
    expect(warnings).toEqual([expect.stringContaining('no catalog')]);
    fails = false;
    told.length = 0;
    await clock.advance(100);
    expect(told).toEqual(CAUGHT_UP);
    expect(listener.isListening).toBe(true);
  });

  it('gives a session up whose change could not be passed on', async () => {
    const { clock, listener, told, newest, sessions } = setUp();
    listener.start();
    await clock.advance(0);
    const push = told.push;
    told.push = () => {
      throw new Error('broken');
    };
    newest().events.heard('public.trips');
    told.push = push;
    expect(listener.isListening).toBe(false);
    await clock.advance(100);
    expect(sessions).toHaveLength(2);
  });
});

describe('a session that hears of changes', () => {
  it('is asked again and again while it answers', async () => {
    const { clock, listener, newest, sessions } = setUp();
    listener.start();
    await clock.advance(0);
    await clock.advance(10 * ASK_EVERY_MS);
    expect(newest().asked).toBe(10);
    expect(sessions).toHaveLength(1);
    expect(listener.isListening).toBe(true);
  });

  it('is given up when it says nothing within the bound', async () => {
    const { clock, listener, newest, sessions } = setUp();
    listener.start();
    await clock.advance(0);
    newest().answer = () => new Promise(() => {});
    await clock.advance(ASK_EVERY_MS + ANSWER_WITHIN_MS - 1);
    expect(listener.isListening).toBe(true);
    await clock.advance(1);
    expect(listener.isListening).toBe(false);
    expect(sessions[0]?.over).toBe('destroyed');
    await clock.advance(100);
    expect(listener.isListening).toBe(true);
  });

  it('is kept when its answer was waiting for this process', async () => {
    const { clock, listener, newest } = setUp();
    listener.start();
    await clock.advance(0);
    const answer = Promise.withResolvers<boolean>();
    newest().answer = () => answer.promise;
    const schedule = clock.schedule.bind(clock);
    // Timers come first in a turn. What has arrived meanwhile is read behind them.
    clock.schedule = (fn, ms) =>
      schedule(() => {
        fn();
        if (ms === ANSWER_WITHIN_MS) answer.resolve(true);
      }, ms);
    await clock.advance(ASK_EVERY_MS + ANSWER_WITHIN_MS);
    expect(newest().over).toBeUndefined();
    expect(listener.isListening).toBe(true);
  });

  it.each<[string, () => Promise<boolean>]>([
    ['does not listen any more', async () => false],
    ['cannot answer', () => Promise.reject(new Error('gone'))],
  ])('is given up when it %s', async (_what, answer) => {
    const { clock, listener, newest, sessions, warnings } = setUp();
    listener.start();
    await clock.advance(0);
    newest().answer = answer;
    await clock.advance(ASK_EVERY_MS);
    expect(listener.isListening).toBe(false);
    expect(sessions[0]?.over).toBe('destroyed');
    expect(warnings).toHaveLength(1);
  });
});

describe('listening again', () => {
  it('rests longer after each failure, up to ten seconds, and warns once', async () => {
    const { clock, listener, counts, warnings } = setUp({ open: () => Promise.reject(new Error('refused')) });
    listener.start();
    const at: number[] = [];
    for (let ms = 0; ms < 60_000; ms += 25) {
      const before = counts.opened;
      await clock.advance(25);
      if (counts.opened > before) at.push(ms + 25);
    }
    const pauses = at.map((time, i) => time - (at[i - 1] ?? 0)).slice(1);
    expect(pauses.every((pause, i) => pause >= (pauses[i - 1] ?? 0))).toBe(true);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(10_000);
    expect(counts.opened).toBeLessThan(20);
    expect(warnings).toEqual([expect.stringContaining('refused')]);
  });

  it('rests as long as its source says after a login that was refused', async () => {
    const { clock, listener, counts } = setUp({
      open: () => Promise.reject(new Error('refused')),
      restAfter: () => 20_000,
    });
    listener.start();
    await clock.advance(19_999);
    expect(counts.opened).toBe(1);
    await clock.advance(1);
    expect(counts.opened).toBe(2);
  });

  it('begins with short pauses again after it has worked', async () => {
    let fails = true;
    const { clock, listener, newest, counts } = setUp({
      open: () => (fails ? Promise.reject(new Error('refused')) : Promise.resolve()),
    });
    listener.start();
    await clock.advance(30_000);
    fails = false;
    for (let ms = 0; ms < 10_000 && !listener.isListening; ms += 25) await clock.advance(25);
    expect([listener.isListening, newest().asked]).toEqual([true, 0]);
    const { opened } = counts;
    newest().events.ended();
    await clock.advance(100);
    expect(counts.opened).toBe(opened + 1);
  });
});

describe('whether it listens', () => {
  it('is told when that changes, and not while it only catches up', async () => {
    let open = (): Promise<void> => Promise.resolve();
    const { clock, listener, events, newest } = setUp({ open: () => open() });
    expect(listener.isStarted).toBe(false);
    listener.start();
    await clock.advance(0);
    expect(listener.isStarted).toBe(true);
    newest().events.heard('*');
    await clock.advance(0);
    expect(events).toEqual([{ type: 'cacheListener', change: 'listening', errorCode: undefined }]);
    open = () => Promise.reject(new ConnectionError('gone', { code: 'CONNECT_FAILED' }));
    newest().events.ended();
    await clock.advance(60_000);
    open = () => Promise.resolve();
    await clock.advance(10_000);
    expect(events.slice(1)).toEqual([
      { type: 'cacheListener', change: 'away', errorCode: undefined },
      { type: 'cacheListener', change: 'listening', errorCode: undefined },
    ]);
  });

  it('is told with the code of the error, where it cannot listen from the start', async () => {
    const { clock, listener, events } = setUp({
      open: () => Promise.reject(new ConnectionError('gone', { code: 'CONNECT_FAILED' })),
    });
    listener.start();
    await clock.advance(60_000);
    expect(events).toEqual([{ type: 'cacheListener', change: 'away', errorCode: 'CONNECT_FAILED' }]);
  });
});

describe('the end of listening', () => {
  it('closes its session, and leaves no timer', async () => {
    const { clock, listener, newest, told } = setUp();
    listener.start();
    await clock.advance(0);
    told.length = 0;
    await listener.close();
    newest().events.heard('public.trips');
    newest().events.ended();
    listener.start();
    await clock.advance(60_000);
    expect(newest().over).toBe('closed');
    expect(told).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(listener.isListening).toBe(false);
  });

  it('ends a session that opens too late', async () => {
    const opening = Promise.withResolvers<void>();
    const { clock, listener, newest } = setUp({ open: () => opening.promise });
    listener.start();
    await listener.close();
    opening.resolve();
    await clock.advance(0);
    expect(newest().over).toBe('destroyed');
  });

  it('leaves no timer where it rests', async () => {
    const { clock, listener } = setUp({ open: () => Promise.reject(new Error('refused')) });
    listener.start();
    await clock.advance(0);
    await listener.close();
    expect(clock.pending).toBe(0);
  });
});
