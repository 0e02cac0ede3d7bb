import { describe, expect, it } from 'vitest';
import { ReadCache } from './read-cache.ts';

const MAX_BYTES = 1 << 20;

function fixture() {
  const cache = new ReadCache(MAX_BYTES);
  const ask = (n: number) =>
    cache.questions.keyOf(
      { method: 'select', schema: 'public', name: 'trips', options: { filters: { id: n } } },
      1,
    ) as string;
  const keep = (n: number, bytes: number) =>
    cache.set(
      ask(n),
      {
        result: { value: undefined, rows: 1 },
        ...{
          since: 0,
          dependsOn: [],
          isForStatedTime: false,
          epoch: 1,
          kind: 'select',
          target: 'public.trips',
        },
        ...{ readAt: 0, usableUntil: 1_000 },
      },
      bytes,
    );
  return { cache, ask, keep };
}

describe('the bytes of the cache', () => {
  it('stay within the bound, with those of the questions that were asked', () => {
    const { cache, ask, keep } = fixture();
    let most = 0;
    for (let n = 0; n < 10_000; n++) {
      keep(n, 100);
      most = Math.max(most, cache.bytes);
    }
    expect(most).toBeGreaterThan(MAX_BYTES * 0.9);
    // One question more may be known before all of them are forgotten.
    expect(most).toBeLessThan(MAX_BYTES + 1_000);
    expect(cache.evictions).toBeGreaterThan(5_000);
    expect(cache.get(ask(9_999), 0)).toBeDefined();
  });

  it('are none after a flush', () => {
    const { cache, keep } = fixture();
    keep(1, 100);
    expect(cache.bytes).toBeGreaterThan(400);
    cache.touch('everything');
    expect(cache).toMatchObject({ bytes: 0, entries: 0 });
  });
});
