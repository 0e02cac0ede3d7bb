import { describe, expect, it } from 'vitest';
import { emptyCatalog } from '../../../test/support/empty-catalog.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { CheckError, OutcomeUnknownError } from '../../contract/errors.ts';
import type { Call } from '../call/call.ts';
import { TouchedTables } from '../call/touched.ts';
import { ReadCache } from './read-cache.ts';
import { WriteTouching } from './touching.ts';

const TABLE = 'public.trips';
const OTHER = 'public.others';

function fixture() {
  const clock = new FakeClock();
  const cache = new ReadCache(1 << 20);
  let refreshed: (() => void) | undefined;
  const refresh = () =>
    new Promise<void>((resolve) => {
      refreshed = resolve;
    });
  const rules = { touchedBy: () => [TABLE] };
  const touching = new WriteTouching(cache, rules, clock, refresh);
  const ready = (mayDefine?: true) => ({ statements: [{ plan: { ...(mayDefine && { mayDefine }) } }] });
  const call = (parts: object = {}) =>
    ({
      ready: ready(),
      compiledWith: emptyCatalog(1),
      limits: { deadline: clock.now() + 1_000 },
      ...parts,
    }) as unknown as Call;
  return { clock, cache, touching, call, ready, refreshed: () => refreshed?.() };
}

describe('a write', () => {
  it('outdates what was read before it, and while it ran', () => {
    const { cache, touching, call } = fixture();
    const write = call();
    const before = cache.generations.now;
    touching.begins(write);
    expect(cache.generations.isCurrent(before, [TABLE])).toBe(false);
    const during = cache.generations.now;
    touching.ended(write, undefined);
    expect(cache.generations.isCurrent(during, [TABLE])).toBe(false);
    expect(cache.generations.isCurrent(before, [OTHER])).toBe(true);
  });

  it('outdates what was read while it ran also where it failed', () => {
    const { cache, touching, call, clock } = fixture();
    const during = cache.generations.now;
    touching.ended(call(), new CheckError('refused'));
    expect(cache.generations.isCurrent(during, [TABLE])).toBe(false);
    expect(cache.generations.isSettled([TABLE], clock.now())).toBe(true);
  });

  it('keeps its table from being kept, until it is over, where nobody knows its outcome', () => {
    const { cache, touching, call, clock } = fixture();
    touching.ended(call(), new OutcomeUnknownError('lost'));
    expect(cache.generations.isSettled([TABLE], clock.now() + 5_999)).toBe(false);
    expect(cache.generations.isSettled([OTHER], clock.now())).toBe(true);
    expect(cache.generations.isSettled([TABLE], clock.now() + 6_000)).toBe(true);
  });
});

describe('a transaction', () => {
  it('outdates what its statements touch, each at once, and all of it when it has ended', () => {
    const { cache, touching, call } = fixture();
    const touched = new TouchedTables();
    const before = cache.generations.now;
    touching.inside(call({ place: { inside: { touch: (tables: string[]) => touched.add(tables) } } }));
    expect(cache.generations.isCurrent(before, [TABLE])).toBe(false);
    const during = cache.generations.now;
    touching.ended(call({ touched, ready: undefined }), undefined);
    expect(cache.generations.isCurrent(during, [TABLE])).toBe(false);
  });

  it('is settled where its function threw, and not where its COMMIT was lost', () => {
    const { cache, touching, call, clock } = fixture();
    const touched = new TouchedTables();
    touched.add([TABLE]);
    const error = new Error('enough');
    touching.ended(call({ touched, thrown: { error } }), error);
    expect(cache.generations.isSettled([TABLE], clock.now())).toBe(true);
    touching.ended(call({ touched }), new OutcomeUnknownError('lost'));
    expect(cache.generations.isSettled([TABLE], clock.now())).toBe(false);
  });
});

describe('raw SQL that may define', () => {
  it('keeps everything from being kept until the catalog was read anew', async () => {
    const { cache, touching, call, ready, refreshed, clock } = fixture();
    cache.get('anything', 0);
    const before = cache.generations.now;
    touching.ended(call({ ready: ready(true) }), undefined);
    expect(cache.generations.isCurrent(before, [OTHER])).toBe(false);
    expect(cache.generations.isSettled([OTHER], clock.now())).toBe(false);
    const during = cache.generations.now;
    refreshed();
    await new Promise(setImmediate);
    expect(cache.generations.isSettled([OTHER], clock.now())).toBe(true);
    expect(cache.generations.isCurrent(during, [OTHER])).toBe(false);
  });

  it('also within a transaction', () => {
    const { cache, touching, call, clock } = fixture();
    cache.get('anything', 0);
    const touched = new TouchedTables();
    touched.areDefinitions = true;
    touching.ended(call({ touched, ready: undefined }), undefined);
    expect(cache.generations.isSettled([OTHER], clock.now())).toBe(false);
  });

  it('reads no catalog for a cache that nobody uses', () => {
    const { cache, touching, call, ready, clock } = fixture();
    touching.ended(call({ ready: ready(true) }), undefined);
    expect(cache.generations.isSettled([OTHER], clock.now())).toBe(true);
  });
});
