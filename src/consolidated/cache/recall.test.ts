import { describe, expect, it } from 'vitest';
import { emptyCatalog } from '../../../test/support/empty-catalog.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ConnectionError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { Plan } from '../../contract/statement.ts';
import { Call } from '../call/call.ts';
import type { CallPlace } from '../call/call-place.ts';
import type { SentOptions } from '../call/limits.ts';
import { type CallResult, held, type ReadyStatement } from '../call/ready-statement.ts';
import type { Looked } from '../second-level/second-level.ts';
import type { ReadRules } from './cache-rules.ts';
import { CacheTeller } from './cache-teller.ts';
import { ReadCache } from './read-cache.ts';
import { Recall } from './recall.ts';
import type { ServiceSecondLevel } from './second-level-reading.ts';

const TABLE = 'public.trips';
const plan: Plan = { text: 'select', document: 'd', name: 'n', intent: 'read', origin: 'compiled' };

const actorOf = (sub: string): Actor => ({
  kind: 'user',
  role: 'authenticated',
  claims: JSON.stringify({ sub }),
  expiresAt: undefined,
});

/** A cache before a database that answers when it is told to. */
function fixture({
  refusal,
  besides,
  level,
  isGuarded,
}: {
  refusal?: boolean;
  besides?: ReadRules;
  level?: ServiceSecondLevel['level'];
  isGuarded?: () => boolean;
} = {}) {
  const clock = new FakeClock();
  const cache = new ReadCache(1 << 20);
  const warnings: string[] = [];
  const tell = new CacheTeller((message) => warnings.push(message));
  const sent: { answer: (rows: unknown) => void; fail: (error: Error) => void; call: Call }[] = [];
  let catalog = emptyCatalog(1);
  const recall = new Recall({
    cache,
    clock,
    tell,
    emptyTtlMs: 100,
    isGuarded,
    secondLevel: level && { level, service: ['db'] },
    rules: {
      of: () =>
        refusal === true
          ? {
              besides,
              refusal: {
                reason: 'time',
                what: 'policy "soon" of "public.trips" reads the time',
                hint: undefined,
              },
            }
          : { tables: [TABLE], isPublic: false },
      defaultsOf: () => ({ ttlMs: 1_000, swrMs: 0 }),
    },
  });
  const layer = recall.layer(
    (call) =>
      new Promise<CallResult>((resolve, reject) => {
        const answer = (value: unknown) => resolve({ value, rows: Array.isArray(value) ? value.length : 1 });
        sent.push({ answer, fail: reject, call });
      }),
  );
  const place = {
    catalogs: {
      get current() {
        return catalog;
      },
    },
    inside: undefined,
    admit: () => limits(undefined),
  } as unknown as CallPlace;
  const limits = (signal: AbortSignal | undefined) => ({
    deadline: clock.now() + 5_000,
    signal,
    maxRows: 10,
    maxBytes: 1_000,
  });

  function callOf(
    options: SentOptions,
    sub: string,
    values: readonly string[],
    filters: object = { id: values.join() },
  ): Call {
    const ready = (): ReadyStatement<unknown> => ({
      kind: 'select',
      statements: [{ plan, values }],
      settings: undefined,
      target: TABLE,
      recallable: { method: 'select', tables: [TABLE], fn: undefined, isEstimate: false },
      read: () => ({ value: undefined, rows: 0 }),
    });
    const asking = {
      method: 'select',
      schema: 'public',
      name: 'trips',
      options: { filters },
    };
    const uncompiled = { ...held(ready), question: () => asking };
    const call = new Call('select', place, { resolve: () => actorOf(sub) }, options, uncompiled, undefined);
    call.limits = limits(options.signal);
    call.actor = actorOf(sub);
    call.compile(catalog);
    return call;
  }

  return {
    ...{ clock, cache, sent, warnings, tell },
    reload: () => {
      catalog = emptyCatalog(2);
    },
    async read(options: SentOptions = {}, sub = 'me', values: readonly string[] = ['1']): Promise<unknown> {
      return (await layer(callOf({ cache: true, ...options }, sub, values))).value;
    },
    /** As `read`, asked before it is compiled. */
    async early(options: SentOptions, values = ['1'], filters?: object): Promise<unknown> {
      return (await recall.early(layer)(callOf(options, 'me', values, filters))).value;
    },
    /** What a read answers that is not sent; undefined where it is. */
    async recalled(
      options: SentOptions = {},
      sub = 'me',
      values: readonly string[] = ['1'],
    ): Promise<unknown> {
      const before = sent.length;
      const answer = (await Promise.race([
        layer(callOf({ cache: true, ...options }, sub, values)),
        Promise.resolve({ value: undefined }),
      ])) as CallResult;
      return sent.length === before ? answer.value : undefined;
    },
  };
}

const ROWS = () => [{ id: 1 }];

describe('a read with the option cache', () => {
  it('is sent once, and its frozen answer is given to whoever asks the same', async () => {
    const { read, sent, recalled } = fixture();
    const first = read();
    sent[0]!.answer(ROWS());
    expect(await first).toEqual(ROWS());
    expect(Object.isFrozen((await first) as object)).toBe(true);
    expect(await recalled()).toBe(await first);
    expect(sent).toHaveLength(1);
  });

  it('is not answered with what another user was, nor with the answer to other values', async () => {
    const { read, sent, recalled } = fixture();
    const first = read();
    sent[0]!.answer(ROWS());
    await first;
    expect(await recalled({}, 'you')).toBeUndefined();
    expect(await recalled({}, 'me', ['2'])).toBeUndefined();
  });

  it('is sent, and neither kept nor answered from what is kept, while changes of others have to be heard and are not', async () => {
    let isGuarded = true;
    const { read, early, sent, tell, cache } = fixture({ isGuarded: () => isGuarded });
    const first = early({ cache: true });
    sent[0]!.answer(ROWS());
    await first;
    isGuarded = false;
    const second = read();
    sent[1]!.answer(ROWS());
    expect(Object.isFrozen((await second) as object)).toBe(true);
    const third = early({ cache: true });
    sent[2]!.answer(ROWS());
    await third;
    expect(tell.counts).toMatchObject({ hits: 0, refused: { 'not listening': 2 } });
    expect(cache.entries).toBe(1);
  });

  it('is sent without the option', async () => {
    const { read, sent, recalled } = fixture();
    const first = read();
    sent[0]!.answer(ROWS());
    await first;
    expect(await recalled({ cache: false })).toBeUndefined();
    expect(await recalled({ cache: undefined })).toBeUndefined();
  });

  it('is kept for its time, and for less without rows', async () => {
    const { read, sent, recalled, clock } = fixture();
    const first = read();
    const empty = read({}, 'me', ['2']);
    sent[0]!.answer(ROWS());
    sent[1]!.answer([]);
    await Promise.all([first, empty]);
    await clock.advance(99);
    expect(await recalled({}, 'me', ['2'])).toEqual([]);
    await clock.advance(1);
    expect(await recalled({}, 'me', ['2'])).toBeUndefined();
    await clock.advance(899);
    expect(await recalled()).toEqual(ROWS());
    await clock.advance(1);
    expect(await recalled()).toBeUndefined();
  });

  it('is read anew after its table was touched', async () => {
    const { read, sent, recalled, cache } = fixture();
    const first = read();
    sent[0]!.answer(ROWS());
    await first;
    cache.touch(['public.others']);
    expect(await recalled()).toEqual(ROWS());
    cache.touch([TABLE]);
    expect(await recalled()).toBeUndefined();
  });

  it('is not kept where its table was touched while it was read', async () => {
    const { read, sent, recalled, cache } = fixture();
    const first = read();
    cache.touch([TABLE]);
    sent[0]!.answer(ROWS());
    expect(await first).toEqual(ROWS());
    expect(await recalled()).toBeUndefined();
  });

  it('is not kept while a write may still be applied whose outcome nobody knows', async () => {
    const { read, sent, recalled, cache, clock } = fixture();
    cache.generations.distrust([TABLE], clock.now() + 500);
    const first = read();
    sent[0]!.answer(ROWS());
    await first;
    expect(await recalled()).toBeUndefined();
    sent[1]!.answer(ROWS());
    await clock.advance(500);
    const later = read({}, 'me');
    sent[2]!.answer(ROWS());
    await later;
    expect(await recalled()).toEqual(ROWS());
  });

  it('is not kept where the catalog has changed while it was read', async () => {
    const { read, sent, recalled, reload } = fixture();
    const first = read();
    reload();
    sent[0]!.answer(ROWS());
    await first;
    expect(await recalled()).toBeUndefined();
  });

  it('is not kept where it failed', async () => {
    const { read, sent, recalled } = fixture();
    const first = read();
    sent[0]!.fail(new ConnectionError('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(await recalled()).toBeUndefined();
  });

  it('is not answered where its signal was aborted before', async () => {
    const { read, sent, recalled } = fixture();
    const first = read();
    sent[0]!.answer(ROWS());
    await first;
    const signal = AbortSignal.abort();
    expect(await recalled({ signal })).toBeUndefined();
  });

  it('is dropped by each of its tags', async () => {
    const { read, sent, recalled, cache } = fixture();
    const first = read({ cache: { tags: ['a', 'b'] } });
    sent[0]!.answer(ROWS());
    await first;
    cache.touch(['tag c']);
    expect(await recalled()).toEqual(ROWS());
    cache.touch(['tag b']);
    expect(await recalled()).toBeUndefined();
  });

  it.each(['read', 'early'] as const)('is as old as whoever asks allows: %s', async (way) => {
    const { [way]: ask, sent, clock } = fixture();
    const first = ask({ cache: true });
    sent[0]!.answer(ROWS());
    await first;
    await clock.advance(100);
    expect(await ask({ cache: { ttlMs: 101 } })).toBe(await first);
    expect(sent).toHaveLength(1);
    void ask({ cache: { ttlMs: 100 } });
    expect(sent).toHaveLength(2);
  });

  it.each(['read', 'early'] as const)('is read anew with another catalog: %s', async (way) => {
    const { [way]: ask, sent, reload } = fixture();
    const first = ask({ cache: true });
    sent[0]!.answer(ROWS());
    expect(await ask({ cache: true })).toBe(await first);
    reload();
    void ask({ cache: true });
    expect(sent).toHaveLength(2);
  });

  it('is not what others keep without its tag', async () => {
    const { read, sent, recalled, cache } = fixture();
    const others = read({ cache: { tags: ['a'] } });
    sent[0]!.answer(ROWS());
    await others;
    const mine = read({ cache: { tags: ['b'] } });
    sent[1]!.answer(ROWS());
    await mine;
    for (const tags of [['a'], ['b'], ['a', 'b'], []])
      expect(await recalled({ cache: { tags } })).toBe(await mine);
    cache.touch(['tag a']);
    expect(await recalled({ cache: { tags: ['b'] } })).toBeUndefined();
  });

  it('is not kept where it was begun before such a write could be applied no more', async () => {
    const { read, sent, recalled, cache, clock } = fixture();
    cache.generations.distrust([TABLE], clock.now() + 500);
    const first = read();
    await clock.advance(500);
    sent[0]!.answer(ROWS());
    await first;
    expect(await recalled()).toBeUndefined();
  });

  it('is refused where it is no read', async () => {
    const { cache, clock, tell } = fixture();
    const recall = new Recall({
      ...{ cache, clock, tell, emptyTtlMs: 1 },
      rules: { of: () => ({ tables: [], isPublic: false }), defaultsOf: () => ({ ttlMs: 1, swrMs: 0 }) },
    });
    const call = { options: { cache: true }, limits: {}, ready: { statements: [] } } as unknown as Call;
    expect(() => recall.layer(() => ({ value: 1, rows: 1 }))(call)).toThrow(
      "The option 'cache' is for reads",
    );
  });
});

describe('what may not be kept', () => {
  it('is sent each time, frozen all the same, and told once', async () => {
    const { read, sent, recalled, warnings, tell } = fixture({ refusal: true });
    const first = read();
    sent[0]!.answer(ROWS());
    expect(Object.isFrozen(await first)).toBe(true);
    expect(await recalled()).toBeUndefined();
    expect(warnings).toEqual([
      'Answers from public.trips are not cached: policy "soon" of "public.trips" reads the time (time).',
    ]);
    expect(tell.counts.refused).toEqual({ time: 2 });
  });

  it('is kept for those who say for how long, and for nobody else, also before it is compiled', async () => {
    const { read, sent, early } = fixture({ refusal: true, besides: { tables: [TABLE], isPublic: false } });
    const stated = { cache: { ttlMs: 500 } };
    const first = early(stated);
    sent[0]!.answer(ROWS());
    expect(await early(stated)).toBe(await first);
    expect(sent).toHaveLength(1);
    void early({ cache: true });
    void read({ cache: true });
    expect(sent).toHaveLength(3);
  });
});

describe('a question that answers otherwise when it is read again', () => {
  it('is kept for what was sent', async () => {
    const { early, sent } = fixture();
    let asked = 0;
    const filters = {
      get id() {
        asked += 1;
        return String(asked);
      },
    };
    const first = early({ cache: true }, ['1'], filters);
    sent[0]!.answer(ROWS());
    await first;
    const second = early({ cache: true }, ['2'], { id: '1' });
    expect(sent).toHaveLength(2);
    sent[1]!.answer([{ id: 2 }]);
    expect(await second).toEqual([{ id: 2 }]);
  });
});

describe('reads of the same at the same time', () => {
  it('share one answer', async () => {
    const { read, sent } = fixture();
    const all = [read(), read(), read()];
    expect(sent).toHaveLength(1);
    sent[0]!.answer(ROWS());
    const [first, ...others] = await Promise.all(all);
    for (const other of others) expect(other).toBe(first);
  });

  it('are not shared by users', () => {
    const { read, sent } = fixture();
    void read();
    void read({}, 'you');
    expect(sent).toHaveLength(2);
  });

  it('are not rejected for the one that was sent: the next one is sent', async () => {
    const { read, sent } = fixture();
    const leader = read();
    const followers = [read(), read()];
    sent[0]!.fail(new ConnectionError('cancelled'));
    await expect(leader).rejects.toThrow('cancelled');
    await Promise.resolve();
    expect(sent).toHaveLength(2);
    sent[1]!.answer(ROWS());
    expect(await Promise.all(followers)).toEqual([ROWS(), ROWS()]);
  });

  it('do not share what was begun while a write may still be applied whose outcome nobody knows', () => {
    const { read, sent, cache, clock } = fixture();
    cache.generations.distrust([TABLE], clock.now() + 500);
    void read();
    void read();
    expect(sent).toHaveLength(2);
  });

  it('go each their own way when a second one failed too', async () => {
    const { read, sent } = fixture();
    const all = [read(), read(), read(), read()].map((each) => each.catch((error: Error) => error.message));
    sent[0]!.fail(new ConnectionError('one'));
    await new Promise(setImmediate);
    sent[1]!.fail(new ConnectionError('two'));
    await new Promise(setImmediate);
    expect(sent).toHaveLength(4);
    sent[2]!.answer(ROWS());
    sent[3]!.answer(ROWS());
    expect(await Promise.all(all)).toEqual(['one', 'two', ROWS(), ROWS()]);
  });

  it('keep their own deadlines and signals', async () => {
    const { read, sent, clock } = fixture();
    const leader = read();
    const controller = new AbortController();
    const aborted = read({ signal: controller.signal }).catch((error: { code: string }) => error.code);
    controller.abort();
    expect(await aborted).toBe('ABORTED');
    const late = read().catch((error: { code: string }) => error.code);
    await clock.advance(5_000);
    expect(await late).toBe('TIMEOUT');
    sent[0]!.answer(ROWS());
    expect(await leader).toEqual(ROWS());
  });

  it('do not share what was begun before a write that has ended since', async () => {
    const { read, sent, cache } = fixture();
    const before = read();
    cache.touch([TABLE]);
    const after = read();
    expect(sent).toHaveLength(2);
    sent[1]!.answer([{ id: 2 }]);
    expect(await after).toEqual([{ id: 2 }]);
    sent[0]!.answer(ROWS());
    expect(await before).toEqual(ROWS());
    expect(await read()).toEqual([{ id: 2 }]);
  });
});

describe('an answer older than its time', () => {
  const options = { cache: { ttlMs: 100, swrMs: 400 } };

  it('is given while it is read anew, once, for nobody who waits', async () => {
    const { read, sent, recalled, clock } = fixture();
    const controller = new AbortController();
    const first = read({ ...options, signal: controller.signal });
    sent[0]!.answer(ROWS());
    await first;
    await clock.advance(100);
    expect(await read({ ...options, signal: controller.signal })).toBe(await first);
    expect(await read(options)).toBe(await first);
    await Promise.resolve();
    expect(sent).toHaveLength(2);
    expect(sent[1]!.call.limits.signal).toBeUndefined();
    sent[1]!.answer([{ id: 2 }]);
    await new Promise(setImmediate);
    expect(await recalled(options)).toEqual([{ id: 2 }]);
  });

  it('is not given after that, nor after a write, nor for a failure of the new one', async () => {
    const { read, sent, recalled, clock, cache } = fixture();
    const first = read(options);
    sent[0]!.answer(ROWS());
    await first;
    await clock.advance(100);
    expect(await read(options)).toEqual(ROWS());
    await Promise.resolve();
    sent[1]!.fail(new ConnectionError('gone'));
    await new Promise(setImmediate);
    expect(await read(options)).toEqual(ROWS());
    cache.touch([TABLE]);
    expect(await recalled(options)).toBeUndefined();
    await clock.advance(400);
    expect(await recalled(options)).toBeUndefined();
  });
});

/** A second level that answers when it is told to. */
function levelFixture() {
  const asked: ((looked: Looked | undefined) => void)[] = [];
  const announced: unknown[] = [];
  const kept: { value: unknown; maxAgeMs: number; lifeMs: number }[] = [];
  const of = fixture({
    level: {
      isFor: () => true,
      announce: (touched) => announced.push(touched),
      look: () => new Promise((found) => asked.push(found)),
      keep: (_looked, { value, maxAgeMs }, lifeMs) => kept.push({ value, maxAgeMs, lifeMs }),
    },
  });
  const missing: Looked = { answer: undefined, place: 'place', stamps: {} };
  const answer = (value: unknown): Looked => ({
    answer: { value, rows: 1, maxAgeMs: 500, until: 0, stamps: {} },
  });
  return { ...of, asked, kept, announced, missing, answer };
}

describe('the second level', () => {
  it('is asked once for all who ask the same, before the database', async () => {
    const { read, asked, answer, sent } = levelFixture();
    const reads = [read(), read()];
    expect(asked).toHaveLength(1);
    asked[0]?.(answer(['found']));
    expect(await Promise.all(reads)).toEqual([['found'], ['found']]);
    expect(await read()).toEqual(['found']);
    expect([sent.length, asked.length]).toEqual([0, 1]);
  });

  it('gives what counts as old as it may be', async () => {
    const { read, asked, answer, clock } = levelFixture();
    const first = read();
    asked[0]?.(answer(['found']));
    await first;
    await clock.advance(499);
    expect(await read()).toEqual(['found']);
    await clock.advance(1);
    void read();
    expect(asked).toHaveLength(2);
  });

  it('gives nothing to who waited for another call, and wants nothing so old', async () => {
    const { read, asked, answer, missing, sent, clock } = levelFixture();
    const [leader, follower] = [read(), read({ cache: { ttlMs: 400 } })];
    asked[0]?.(answer(['as old as 500 ms']));
    expect(await leader).toEqual(['as old as 500 ms']);
    await clock.advance(0);
    asked[1]?.(missing);
    await clock.advance(0);
    sent[0]?.answer(['read']);
    expect(await follower).toEqual(['read']);
  });

  it('is given what the database answers, for half of its time', async () => {
    const { read, asked, missing, sent, clock, kept } = levelFixture();
    const first = read();
    asked[0]?.(missing);
    await clock.advance(0);
    await clock.advance(20);
    sent[0]?.answer(['read']);
    expect(await first).toEqual(['read']);
    expect(kept).toEqual([{ value: ['read'], maxAgeMs: 500, lifeMs: 480 }]);
  });

  it('is given no answer from before a touch while it was read, nor one from behind a touch while it was asked', async () => {
    const { read, asked, missing, sent, clock, kept, cache } = levelFixture();
    const [first, second] = [read(), read({}, 'me', ['2'])];
    asked[0]?.(missing);
    await clock.advance(0);
    cache.touch([TABLE]);
    asked[1]?.(missing);
    await clock.advance(0);
    for (const { answer } of sent) answer(['read']);
    await Promise.all([first, second]);
    expect(kept).toEqual([]);
  });

  it('is not believed where something was touched, or the catalog is another one, since it was asked', async () => {
    const { read, asked, answer, sent, clock, cache, reload } = levelFixture();
    for (const change of [() => cache.touch([TABLE]), reload]) {
      const reading = read({}, 'me', [String(sent.length)]);
      change();
      asked.at(-1)?.(answer(['older']));
      await clock.advance(0);
      sent.at(-1)?.answer(['read']);
      expect(await reading).toEqual(['read']);
    }
  });

  it('is told to forget everything by who has a newer catalog, once', async () => {
    const { read, announced, cache, reload } = levelFixture();
    void read({}, 'me', ['1']);
    const { now } = cache.generations;
    expect([announced, now]).toEqual([[], 0]);
    reload();
    void read({}, 'me', ['2']);
    void read({}, 'me', ['3']);
    expect([announced, cache.generations.now]).toEqual([['everything'], 1]);
  });

  it('is not asked while a write may still be applied', async () => {
    const { read, asked, sent, clock, cache } = levelFixture();
    cache.generations.distrust([TABLE], clock.now() + 1_000);
    void read();
    expect([asked.length, sent.length]).toEqual([0, 1]);
    await clock.advance(1_000);
    void read({}, 'me', ['2']);
    expect([asked.length, sent.length]).toEqual([1, 1]);
  });

  it('is not believed where a write began of whose outcome nobody knows', async () => {
    const { read, asked, answer, sent, clock, cache } = levelFixture();
    const reading = read();
    cache.generations.distrust([TABLE], clock.now() + 1_000);
    asked[0]?.(answer(['older']));
    await clock.advance(0);
    sent[0]?.answer(['read']);
    expect(await reading).toEqual(['read']);
  });

  it('does not keep a call that was aborted', async () => {
    const { read } = levelFixture();
    const controller = new AbortController();
    const reading = read({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
