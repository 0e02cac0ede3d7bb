import { describe, expect, it } from 'vitest';
import { freeze } from './frozen-value.ts';

describe('a frozen value', () => {
  it('cannot be changed, nor can what it holds', () => {
    const rows = [{ id: 1, tags: ['a', { b: 'c' }], none: null }];
    freeze(rows);
    expect(() => rows.push(rows[0]!)).toThrow(TypeError);
    expect(() => Object.assign(rows[0]!, { id: 2 })).toThrow(TypeError);
    expect(() => rows[0]!.tags.push('d')).toThrow(TypeError);
    expect(() => Object.assign(rows[0]!.tags[1] as object, { b: 'd' })).toThrow(TypeError);
  });

  it.each<[unknown, number]>([
    [null, 0],
    [true, 0],
    [7, 0],
    [0.5, 16],
    [2 ** 40, 16],
    ['four', 20],
    ['vier ä', 28],
    [[], 48],
    [[{ a: 'four' }], 48 + 8 + 24 + 8 + 20],
  ])('of %j takes %d bytes, about', (value, bytes) => {
    expect(freeze(value)).toBe(bytes);
  });
});
