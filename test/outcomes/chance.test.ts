import { describe, expect, it } from 'vitest';
import { isHopeless, isMetByChance, tooFewBoundaries } from './chance.ts';

describe('a boundary', () => {
  it('is met by chance only where many tries hardly ever hit and hardly any operation passed it unmet', () => {
    expect(isMetByChance({ tries: 151, hits: 3, seen: 1 }, 30)).toBe(true);
    expect(isMetByChance({ tries: 151, hits: 0, seen: 2 }, 30)).toBe(true);
  });

  it('has not shown that before it was tried often enough', () => {
    expect(isMetByChance({ tries: 150, hits: 0, seen: 1 }, 30)).toBe(false);
  });

  it('can be met at will where one in fifty tries hits', () => {
    expect(isMetByChance({ tries: 200, hits: 4, seen: 1 }, 30)).toBe(false);
  });

  it('that operations pass as a rule is none of them, however seldom it is hit: a strike that misses must show', () => {
    const missed = { tries: 1_000, hits: 0, seen: 3 };
    expect(isHopeless(missed)).toBe(true);
    expect(isMetByChance(missed, 30)).toBe(false);
    expect(isMetByChance(missed, 31)).toBe(true);
  });
});

describe('the boundaries of a mode', () => {
  const fewest = { direct: 3, session: 2, transaction: 1, embedded: 0 };

  it('are enough where there are as many as there were', () => {
    expect(tooFewBoundaries((mode) => fewest[mode], fewest)).toEqual([]);
  });

  it('are too few where one is gone, be it left out or no longer seen', () => {
    expect(tooFewBoundaries((mode) => (mode === 'session' ? 1 : 9), fewest)).toEqual([
      'too few boundaries: session has 1, and must have 2 at least',
    ]);
  });
});
