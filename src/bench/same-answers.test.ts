import { describe, expect, it } from 'vitest';
import { answerDifference, isEmptyAnswer } from './same-answers.ts';

class DriverRow {
  id = 1;
  title = 'a';
}

describe('two answers', () => {
  it.each([
    ['rows in another order', [{ id: 1 }, { id: 2 }], [{ id: 2 }, { id: 1 }]],
    ['columns in another order', [{ id: 1, title: 'a' }], [{ title: 'a', id: 1 }]],
    ['rows of a class of the driver', [new DriverRow()], [{ __proto__: null, id: 1, title: 'a' }]],
    [
      'dates and bytes',
      [{ at: new Date(5), raw: Buffer.from('a') }],
      [{ at: new Date(5), raw: new Uint8Array([97]) }],
    ],
    ['what is no list', { count: 3n }, { count: 3n }],
    ['nothing', undefined, undefined],
  ])('are the same: %s', (_what, first, second) => {
    expect(answerDifference(first, second, false)).toBeUndefined();
  });

  it.each([
    ['a row less', [{ id: 1 }, { id: 2 }], [{ id: 1 }], '2 rows and 1 rows'],
    [
      'the same row twice',
      [{ id: 1 }, { id: 1 }],
      [{ id: 1 }, { id: 2 }],
      "1 of 2 rows: in 'id' (number and number)",
    ],
    ['a number and its text', [{ id: 1 }], [{ id: '1' }], "in 'id' (number and string)"],
    ['a column that is missing', [{ id: 1, b: null }], [{ id: 1 }], "in 'b' (null and nothing)"],
    ['undefined and missing', [{ id: 1, b: undefined }], [{ id: 1 }], "in 'b' (undefined and nothing)"],
    ['a list and a count', [{ id: 1 }], 1, 'a list and number, not equal'],
    ['null and nothing', null, undefined, 'null and undefined, not equal'],
    [
      'keys that are values',
      { 'ana@example.com': 1 },
      { 'ana@example.com': 2 },
      'in a key that is no name (number and number)',
    ],
    ['texts', 's3cret', 'other', 'string and string, not equal'],
  ])('differ: %s', (_what, first, second, difference) => {
    expect(answerDifference(first, second, false)).toContain(difference);
    expect(answerDifference(first, second, false)).not.toMatch(/s3cret|example/);
  });

  it('may have to come in the same order', () => {
    const [one, other] = [
      [{ id: 1 }, { id: 2 }],
      [{ id: 2 }, { id: 1 }],
    ];
    expect(answerDifference(one, other, true)).toBe('the same rows in another order');
    expect(answerDifference(one, [{ id: 1 }, { id: 2 }], true)).toBeUndefined();
    expect(answerDifference(one, [{ id: 1 }], true)).toBe('2 rows and 1 rows');
  });

  it('that refer to themselves are refused', () => {
    const row: { self?: unknown } = {};
    row.self = row;
    expect(() => answerDifference([row], [row], false)).toThrow(RangeError);
  });
});

it.each([
  ['functions', () => () => 1],
  ['promises in a list', () => [Promise.resolve(1)]],
  ['streams that nobody reads', () => new ReadableStream()],
  ['addresses', () => new URL('http://a')],
])('%s show nothing to compare, so they are never the same', (_what, answer) => {
  expect(answerDifference(answer(), answer(), false)).toBeDefined();
});

it('an answer is empty where it has no rows', () => {
  expect([[], null, undefined, [1], 0, {}].map(isEmptyAnswer)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
