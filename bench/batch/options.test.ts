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
  [{ contender: 'prisma' }, '--contender is "prisma"; allowed are consolidated-db, raw-socket'],
  [{ mode: 'session' }, '--mode is "session"; allowed are direct, transaction'],
  [{ seconds: '-1' }, '--seconds is "-1"'],
  [{ rounds: '1.5' }, '--rounds is 1.5'],
  [{ delay: 'fast' }, '--delay is "fast"'],
])('%o is refused by name', (args, message) => {
  expect(() => parseBatchOptions(args)).toThrow(message);
});
