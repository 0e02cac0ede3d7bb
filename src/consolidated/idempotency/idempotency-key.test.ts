import { describe, expect, it } from 'vitest';
import { idempotencyKeyOf } from './idempotency-key.ts';

const of = (idempotencyKey: unknown) => idempotencyKeyOf({ idempotencyKey });

describe('the option idempotencyKey', () => {
  it('is absent where it is left out, undefined or inherited', () => {
    expect(idempotencyKeyOf({})).toBeUndefined();
    expect(of(undefined)).toBeUndefined();
    expect(idempotencyKeyOf(Object.create({ idempotencyKey: 'inherited' }))).toBeUndefined();
  });

  it.each(['k', 'o\'hara; drop table "x" --', '🛟 café 日本', ' ', '$1', 'é'.repeat(255), '🛟'.repeat(255)])(
    'may be %j',
    (key) => {
      expect(of(key)).toBe(key);
    },
  );

  it.each([
    ['', 'It had 0'],
    ['secret'.repeat(43), 'It had 258'],
    ['secret\u0000', 'a character that is not'],
    ['secret\n', 'a character that is not'],
    ['secret\u2028', 'a character that is not'],
    ['secret\ud800', 'a character that is not'],
    ['secret\u0085', 'a character that is not'],
  ])('may not be %j, and is not told', (key, what) => {
    expect(() => of(key)).toThrow(what);
    expect(() => of(key)).toThrow(expect.objectContaining({ code: 'INVALID_IDEMPOTENCY_KEY' }));
    expect(() => of(key)).not.toThrow(/secret/);
  });

  it.each([null, 7, {}, ['k'], Symbol('k')])('may not be %s', (key) => {
    expect(() => of(key)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
