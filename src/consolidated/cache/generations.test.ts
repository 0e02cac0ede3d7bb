import { describe, expect, it } from 'vitest';
import { Generations } from './generations.ts';

describe('generations', () => {
  it('outdate what was read of a table before it was touched, and while it was', () => {
    const generations = new Generations();
    const before = generations.now;
    expect(generations.isCurrent(before, ['public.trips'])).toBe(true);
    generations.touch(['public.trips']);
    const during = generations.now;
    expect(generations.isCurrent(before, ['public.trips'])).toBe(false);
    expect(generations.isCurrent(during, ['public.trips'])).toBe(true);
    generations.touch(['public.trips']);
    expect(generations.isCurrent(during, ['public.trips'])).toBe(false);
    expect(generations.isCurrent(generations.now, ['public.trips'])).toBe(true);
  });

  it('leave what depends on other tables, unless everything is touched', () => {
    const generations = new Generations();
    generations.touch(['public.trips']);
    expect(generations.isCurrent(0, ['public.notes', 'public.profiles'])).toBe(true);
    expect(generations.isCurrent(0, ['public.notes', 'public.trips'])).toBe(false);
    generations.touch('everything');
    expect(generations.isCurrent(1, ['public.notes'])).toBe(false);
    expect(generations.isCurrent(1, [])).toBe(false);
    expect(generations.isCurrent(2, ['public.notes', 'public.trips'])).toBe(true);
  });

  it('take a table for unsettled while a write may still be applied to it', () => {
    const generations = new Generations();
    generations.distrust(['public.trips'], 100);
    expect(generations.isSettled(['public.trips'], 99)).toBe(false);
    expect(generations.isSettled(['public.notes'], 99)).toBe(true);
    expect(generations.isSettled(['public.trips'], 100)).toBe(true);
    generations.distrust(['public.trips'], 50);
    expect(generations.isSettled(['public.trips'], 99)).toBe(false);
    generations.distrust('everything', 200);
    expect(generations.isSettled(['public.notes'], 199)).toBe(false);
    expect(generations.isSettled(['public.notes'], 200)).toBe(true);
  });

  it('forget what was touched long ago, and take all of that for touched then', () => {
    const generations = new Generations();
    generations.touch(['tag 0']);
    const since = generations.now;
    for (let i = 1; i <= 30_000; i++) generations.touch([`tag ${i}`]);
    expect(generations.isCurrent(0, ['tag 0'])).toBe(false);
    expect(generations.isCurrent(since, ['tag 0'])).toBe(false);
    expect(generations.isCurrent(since, ['never touched'])).toBe(false);
    expect(generations.isCurrent(20_000, ['tag 0', 'tag 19999', 'never touched'])).toBe(true);
    expect(generations.isCurrent(20_000, ['tag 20001'])).toBe(false);
    expect(generations.size).toBeLessThanOrEqual(20_000);
  });
});
