import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactNumber, numberTooLarge } from './exact-number.ts';

describe('exactNumber', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['007', 7],
    ['1.50', 1.5],
    ['0.1', 0.1],
    ['0.000000000000000000000000000001', 1e-30],
    ['1000000000000000000000', 1e21],
    ['9007199254740992', 9007199254740992],
    ['-123456789012345.60000', -123456789012345.6],
    ['0.00000000000000000000', 0],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
  ])('reads %s', (text, expected) => {
    expect(exactNumber(text)).toBe(expected);
  });

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '1152921504606846976',
    '0.1234567890123456789',
    '1.0000000000000000001',
  ])('has no number for %s', (text) => {
    expect(exactNumber(text)).toBeUndefined();
  });

  it('has no number for what a double cannot reach', () => {
    expect(exactNumber(`1${'0'.repeat(309)}`)).toBeUndefined();
    expect(exactNumber(`0.${'0'.repeat(400)}1`)).toBeUndefined();
  });

  it('reads every safe integer, and any int8 exactly when its digits come back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const number = exactNumber(`${value}`);
        expect(number !== undefined).toBe(String(Number(value)) === `${value}`);
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(exactNumber(`${value}`)).toBe(value);
      }),
    );
  });

  it('reads every decimal of 15 digits, with zeros behind', () => {
    const decimals = fc.tuple(
      fc.integer({ min: -999_999, max: 999_999 }),
      fc.integer({ min: 0, max: 999_999_999 }),
    );
    fc.assert(
      fc.property(decimals, fc.nat(20), ([whole, fraction], zeros) => {
        const text = `${whole}.${String(fraction).padStart(9, '0')}`;
        expect(exactNumber(text + '0'.repeat(zeros))).toBe(Number(text));
      }),
    );
  });
});

it('names the column, the option and never the value', () => {
  const error = numberTooLarge('total');
  expect(error.toJSON()).toMatchObject({ code: 'NUMBER_TOO_LARGE', field: 'total', statusCode: 500 });
  expect(error.message).toContain('"total"');
  expect(error.hint).toContain("largeNumbers: 'string'");
});
