import { expect, it } from 'vitest';
import { hasWideNumber } from './wide-numbers.ts';

it.each([
  '[{"n":9007199254740993}]',
  '[{"a":"x","n":-12345678901234567.89}]',
  '[{"n":12345678901234567890123456789.0123456789}]',
  '9007199254740993',
  '[9007199254740993]',
])('finds a number that would be rounded: %s', (text) => {
  expect(hasWideNumber(text)).toBe(true);
});

it.each([
  '[{"n":9007199254740992}]',
  '[{"n":0.30000000000000004}]',
  '[{"n":1.7976931348623157e+308},{"n":5e-324}]',
  '[{"n":1.50000000000000000000}]',
  '[{"text":"9007199254740993, \\"9007199254740993"}]',
  '[{"json":{"n":9007199254740993},"list":[9007199254740993]}]',
  '[]',
])('takes every other: %s', (text) => {
  expect(hasWideNumber(text)).toBe(false);
});

it('reads long texts', () => {
  const text = `${'a long text, '.repeat(500_000)}${'\\"'.repeat(500_000)}`;
  expect(hasWideNumber(`[{"text":"${text}1234567890123456789"}]`)).toBe(false);
  expect(hasWideNumber(`[{"text":"${text}","n":1234567890123456789}]`)).toBe(true);
});
