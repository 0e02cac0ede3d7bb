import { expect, test } from 'vitest';
import { parseVectorOptions } from './options.ts';

test('without options everything is measured', () => {
  expect(parseVectorOptions({})).toMatchObject({
    data: undefined,
    rows: 100_000,
    modes: ['direct', 'transaction'],
    selectivities: ['1', '10', '100'],
    limits: [10, 100, 1_000],
    rounds: 5,
    queries: 100,
  });
  expect(parseVectorOptions({}).contenders).toHaveLength(7);
});

test('lists are given with commas', () => {
  const options = parseVectorOptions({ selectivity: '100,1', limit: '5,20,5', contender: 'exact,balanced' });
  expect(options.selectivities).toEqual(['1', '100']);
  expect(options.limits).toEqual([5, 20]);
  expect(options.contenders).toEqual(['balanced', 'exact']);
});

test('--quick takes fewer rows and calls, and what is named still wins', () => {
  expect(parseVectorOptions({ quick: true, rows: '500' })).toMatchObject({
    rows: 500,
    rounds: 3,
    queries: 30,
  });
});

test('there are queries for every round', () => {
  expect(parseVectorOptions({ quick: true, rounds: '40' }).queries).toBe(40);
});

test.each([
  [{ data: 'pictures' }, '--data must be one of synthetic, words. It was "pictures".'],
  [{ mode: 'session' }, '--mode must be one of direct, transaction. It was "session".'],
  [{ selectivity: '50' }, '--selectivity must be one of 1, 10, 100. It was "50".'],
  [{ limit: '10,1001' }, '--limit must be a whole number from 1 to 1000. It was "1001".'],
  [{ limit: '' }, '--limit must be a whole number from 1 to 1000. It was "".'],
  [{ rows: '200' }, '--rows must be at least 300. It was 200.'],
  [{ rounds: '7', queries: '6' }, '--queries must be at least one for each of the 7 rounds. It was 6.'],
])('%o is refused by name', (args, message) => {
  expect(() => parseVectorOptions(args)).toThrow(message);
});
