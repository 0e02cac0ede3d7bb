import { expect, test } from 'vitest';
import { zipfOperations } from './zipf.ts';

test('a tenth are writes, the second note is asked for half as often as the first, and each run has the same ones', () => {
  const operations = zipfOperations(100_000);
  const of = (id: number) => operations.filter(({ key }) => key.id === id).length;
  expect(operations.filter(({ isWrite }) => isWrite).length / operations.length).toBeCloseTo(0.1, 2);
  expect(of(2) / of(1)).toBeCloseTo(1 / 2, 1);
  expect(of(10) / of(1)).toBeCloseTo(1 / 10, 1);
  expect(of(1_000)).toBeGreaterThan(0);
  expect(zipfOperations(100)).toEqual(operations.slice(0, 100));
});
