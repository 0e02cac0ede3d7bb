import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Generations } from '../../src/consolidated/cache/generations.ts';
import { SecondLevel } from '../../src/consolidated/second-level/second-level.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SharedStore } from '../support/shared-store.ts';

const T = 'public.trips';
const KEY = randomBytes(32);

function fixture() {
  const clock = new FakeClock();
  const store = new SharedStore(clock);
  const warnings: string[] = [];
  const processOf = ({ keys = [KEY], timeoutMs = 50 }: { keys?: Uint8Array[]; timeoutMs?: number } = {}) => {
    const touches = new Generations();
    const level = new SecondLevel({
      ...{ store, clock, touches, keys, timeoutMs, database: 'db', tell: undefined },
      onWarning: (message) => warnings.push(message),
    });
    const look = (question = 'q', ttlMs = 60_000, dependsOn = [T]) =>
      level.look({ question, dependsOn, ttlMs });
    return {
      ...{ touches, level, look },
      /** Reads as from the database. */
      async put(value: unknown, question = 'q', lifeMs = 30_000) {
        const looked = await look(question);
        if (looked === undefined || looked.answer !== undefined)
          throw new Error('there is an answer already');
        level.keep(looked, { value, rows: 1, maxAgeMs: 30_000 }, lifeMs);
        await nextTurn();
      },
      async get(question = 'q', ttlMs?: number) {
        return (await look(question, ttlMs))?.answer?.value;
      },
      /** As a write of this process, behind its COMMIT. */
      wrote(tables: readonly string[] | 'everything' = [T]) {
        touches.touch(tables);
        level.announce(tables);
      },
    };
  };
  return { clock, store, warnings, processOf };
}

describe('the second level', () => {
  it('gives one process what another one has read', async () => {
    const { processOf } = fixture();
    const [one, other] = [processOf(), processOf()];
    await one.put([{ id: 1 }]);
    expect(await other.get()).toEqual([{ id: 1 }]);
    expect(await other.get('another question')).toBeUndefined();
    expect(one.level.stats).toMatchObject({ hits: 0, misses: 1, kept: 1 });
    expect(other.level.stats).toMatchObject({ hits: 1, misses: 1, rejected: 0 });
  });

  it('takes null, and whatever else is no text, for what the store does not have', async () => {
    const { store, processOf } = fixture();
    const { put, get, level } = processOf();
    const getMany = store.getMany.bind(store);
    store.getMany = async (keys) => (await getMany(keys)).map((value) => value ?? (null as never));
    await put('x');
    expect(await get()).toBe('x');
    expect(await get('another question')).toBeUndefined();
    store.getMany = async (keys) => keys.map(() => 7 as never);
    expect(await get()).toBeUndefined();
    expect(level.stats).toMatchObject({ working: true, failures: 0 });
  });

  it('is for answers of identities only with a key', () => {
    const { processOf } = fixture();
    const [sealed, plain] = [processOf().level, processOf({ keys: [] }).level];
    expect([sealed.isFor({ isPublic: false }), sealed.isFor({ isPublic: true })]).toEqual([true, true]);
    expect([plain.isFor({ isPublic: false }), plain.isFor({ isPublic: true })]).toEqual([false, true]);
  });

  it('gives nothing that was read before a write of any process', async () => {
    const { processOf } = fixture();
    const [one, other] = [processOf(), processOf()];
    await one.put('old');
    other.wrote();
    await nextTurn();
    expect(await one.get()).toBeUndefined();
    await one.put('new');
    expect(await other.get()).toBe('new');
    one.wrote('everything');
    await nextTurn();
    expect(await other.get()).toBeUndefined();
  });

  it('gives nothing to who has written before the store knows of it', async () => {
    const { clock, store, processOf } = fixture();
    const [one, other] = [processOf(), processOf()];
    await one.put('old');
    expect(await other.get()).toBe('old');
    store.beforeSet = () => new Promise(() => {});
    other.wrote();
    const looked = other.get();
    await clock.advance(51);
    expect(await looked).toBeUndefined();
    // For the others it is no older than its time to live.
    expect(await one.get()).toBe('old');
  });

  it('gives the writer nothing older that another process puts there afterwards', async () => {
    const { processOf } = fixture();
    const [slow, writer] = [processOf(), processOf()];
    const looked = await slow.look();
    if (looked === undefined || looked.answer !== undefined) throw new Error('there is an answer');
    writer.wrote();
    await nextTurn();
    slow.level.keep(looked, { value: 'read before the write', rows: 1, maxAgeMs: 30_000 }, 30_000);
    await nextTurn();
    expect(await writer.get()).toBeUndefined();
    expect(await slow.get()).toBeUndefined();
  });

  it('gives who has heard of a change nothing older, whatever the others know', async () => {
    const { processOf } = fixture();
    const [one, listening] = [processOf(), processOf()];
    await one.put('old');
    expect(await listening.get()).toBe('old');
    listening.touches.touch([T]);
    listening.level.heard([T]);
    expect(await listening.get()).toBeUndefined();
    expect(await one.get()).toBeUndefined();
  });

  it('gives nothing that depends on less than is asked', async () => {
    const { processOf } = fixture();
    const [old, newer] = [processOf(), processOf()];
    await old.put('by an older catalog');
    expect((await newer.look('q', 60_000, [T, 'public.members']))?.answer).toBeUndefined();
    expect((await newer.look('q', 60_000, []))?.answer?.value).toBe('by an older catalog');
  });

  it('gives nothing that may be older than is asked', async () => {
    const { processOf } = fixture();
    const [one, other] = [processOf(), processOf()];
    await one.put('x');
    expect(await other.get('q', 30_000)).toBeUndefined();
    expect(await other.get('q', 30_001)).toBe('x');
  });

  it('keeps nothing beyond its life, also where the store does', async () => {
    const { clock, store, processOf } = fixture();
    const [one, other] = [processOf(), processOf()];
    await one.put('x', 'q', 20_000);
    const before = store.copy();
    await clock.advance(19_999);
    expect(await other.get()).toBe('x');
    await clock.advance(2);
    expect(await other.get()).toBeUndefined();
    for (const [key, value] of before) store.write(key, value);
    expect(await other.get()).toBeUndefined();
    await one.put('y', 'never kept', 0);
    expect(await other.get('never kept')).toBeUndefined();
  });

  it('takes no entry that was put in the place of another', async () => {
    const { store, warnings, processOf } = fixture();
    const { put, get, level } = processOf();
    await put("ann's", 'question of ann');
    await put("ben's", 'question of ben');
    const [first = '', second = ''] = store.keys('answer');
    const [one = '', other = ''] = [store.read(first), store.read(second)];
    store.write(first, other);
    store.write(second, one);
    expect(await get('question of ann')).toBeUndefined();
    expect(await get('question of ben')).toBeUndefined();
    expect(level.stats.rejected).toBe(2);
    expect(warnings).toHaveLength(1);
  });

  it.each(['', 'garbage', 's1.AAAA', 'p1.{"value":"poison","rows":1,"maxAgeMs":1,"until":9e15,"stamps":{}}'])(
    'takes no entry that nobody has sealed: %j',
    async (poison) => {
      const { store, processOf } = fixture();
      const { put, get, level } = processOf();
      await put('x');
      store.write(store.keys('answer')[0] ?? '', poison);
      expect(await get()).toBeUndefined();
      expect(level.stats.rejected).toBe(1);
    },
  );

  it('takes no entry that is played again, also with the stamps of its time', async () => {
    const { store, processOf } = fixture();
    const one = processOf();
    await one.put('old');
    const old = store.copy();
    one.wrote();
    await nextTurn();
    await one.put('new');
    for (const [key, value] of old) if (key.startsWith('cdb:answer')) store.write(key, value);
    expect(await one.get()).toBeUndefined();
    for (const [key, value] of old) store.write(key, value);
    expect(await one.get()).toBeUndefined();
  });

  it('is one for all who have a key in common, the newest of each first', async () => {
    const { processOf } = fixture();
    const newer = randomBytes(32);
    const [old, moving, moved] = [
      processOf(),
      processOf({ keys: [newer, KEY] }),
      processOf({ keys: [newer] }),
    ];
    await old.put('by the old key');
    expect(await moving.get()).toBe('by the old key');
    expect(await moved.get()).toBeUndefined();
    await moving.put('by the new key', 'other');
    expect(await moved.get('other')).toBe('by the new key');
    expect(await old.get('other')).toBeUndefined();
    // Whatever the key, all know of changes.
    old.wrote();
    await nextTurn();
    expect(await moved.get('other')).toBeUndefined();
  });

  it('lets the store be no later than the timeout, whatever it waits for', async () => {
    const { clock, store, processOf } = fixture();
    const { look } = processOf();
    store.beforeSet = () => new Promise(() => {});
    let looked: unknown = 'nothing yet';
    void look().then((found) => {
      looked = found;
    });
    await clock.advance(51);
    expect(looked).toBeUndefined();
  });

  it('tells others what it knows before it is closed', async () => {
    const { store, processOf } = fixture();
    const [one, other] = [processOf(), processOf()];
    await one.put('old');
    let release = (): void => {};
    store.beforeSet = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    other.wrote();
    const closed = other.level.close();
    await nextTurn();
    release();
    await closed;
    store.beforeSet = undefined;
    expect(await one.get()).toBeUndefined();
  });
});

/** The same numbers each time. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('processes that read and write at the same time', () => {
  it.each([1, 2, 3, 4, 5, 6])('never read what is older than their own last write (%i)', async (seed) => {
    const { clock, store, processOf } = fixture();
    const random = randomOf(seed);
    const turns = async (most: number): Promise<void> => {
      for (let n = Math.floor(random() * most); n > 0; n--) await nextTurn();
    };
    /** It is slow, loses answers, and applies what it has said that it would not. */
    store.beforeGiving = () => turns(4);
    store.beforeSet = async (key, value) => {
      await turns(4);
      if (random() > 0.01) return;
      if (random() < 0.5) store.write(key, value);
      else void turns(12).then(() => store.write(key, value));
      throw new Error('lost');
    };
    let version = 0;
    let hits = 0;
    const runs = Array.from({ length: 3 }, () => processOf()).map(async ({ touches, level, look }) => {
      let own = 0;
      const write = async (): Promise<void> => {
        touches.touch([T]);
        await turns(3);
        version += 1;
        const written = version;
        await turns(3);
        touches.touch([T]);
        level.announce([T]);
        own = Math.max(own, written);
      };
      const read = async (): Promise<void> => {
        const least = own;
        const since = touches.now;
        const looked = await look();
        const isCurrent = touches.isCurrent(since, [T]);
        if (looked?.answer !== undefined && isCurrent) {
          hits += 1;
          expect(looked.answer.value).toBeGreaterThanOrEqual(least);
          return;
        }
        const began = touches.now;
        await turns(3);
        const value = version;
        await turns(6);
        expect(value).toBeGreaterThanOrEqual(least);
        if (
          looked?.answer === undefined &&
          looked !== undefined &&
          isCurrent &&
          touches.isCurrent(began, [T])
        ) {
          level.keep(looked, { value, rows: 1, maxAgeMs: 30_000 }, 30_000);
        }
      };
      for (let n = 0; n < 400; n++) {
        await (random() < 0.04 ? write() : random() < 0.15 ? Promise.all([read(), read(), write()]) : read());
      }
    });
    let isOver = false;
    const all = Promise.all(runs).finally(() => {
      isOver = true;
    });
    while (!isOver) await clock.advance(20);
    await all;
    expect(hits).toBeGreaterThan(100);
  });
});
