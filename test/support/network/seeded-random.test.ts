import { describe, expect, it } from 'vitest';
import { SeededRandom } from './seeded-random.ts';

describe('seeded randomness', () => {
  it('repeats itself for a seed and differs for another', () => {
    const draw = (seed: number) => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 50 }, () => random.next());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('spreads evenly enough to stand for chance', () => {
    const random = new SeededRandom(3);
    const tens = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i++) tens[random.below(10)]!++;
    for (const times of tens) expect(times).toBeGreaterThan(850);
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
    expect(random.pick([])).toBeUndefined();
  });
});
