import { expect, test } from 'vitest';
import { parseBatchOptions } from './options.ts';

test('without options everything is measured', () => {
  const options = parseBatchOptions({});
  expect(options.cases).toEqual(['rls-read', 'rls-insert']);
  expect(options.modes).toEqual(['direct', 'transaction']);
  expect(options.delaysMs).toEqual([0, 1]);
  expect(options.contenders).toHaveLength(6);
});

test('lists are given with commas and keep the order of the table', () => {
  const options = parseBatchOptions({ contender: 'pg,raw-socket', delay: '0,2.5' });
  expect(options.contenders).toEqual(['raw-socket', 'pg']);
  expect(options.delaysMs).toEqual([0, 2.5]);
});

test('--quick shortens the run, and --seconds still wins', () => {
  expect(parseBatchOptions({ quick: true }).sliceMs).toBe(300);
  expect(parseBatchOptions({ quick: true, seconds: '2' }).sliceMs).toBe(2_000);
});

test.each([
  [{ contender: 'prisma' }, '--contender must be one of consolidated-db, raw-socket'],
  [{ mode: 'session' }, '--mode must be one of direct, transaction. It was "session".'],
  [{ seconds: '-1' }, '--seconds must be a number above 0. It was "-1".'],
  [{ rounds: '1.5' }, '--rounds must be a whole number. It was 1.5.'],
  [{ delay: 'fast' }, '--delay must be a number of milliseconds from 0 to 1000. It was "fast".'],
])('%o is refused by name', (args, message) => {
  expect(() => parseBatchOptions(args)).toThrow(message);
});
