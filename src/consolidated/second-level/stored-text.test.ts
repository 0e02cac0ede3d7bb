import { describe, expect, it } from 'vitest';
import { storedAnswer, storedText } from './stored-text.ts';

const answer = (value: unknown) => ({ value, rows: 1, maxAgeMs: 30_000, until: 1, stamps: { a: 'b' } });

describe('an answer in the store', () => {
  it.each([
    [[{ id: 1, name: 'ä', at: null, tags: ['x', []], json: { a: [true, 0.5] } }]],
    [[]],
    ['\ud800'],
    [{ ['__proto__']: 1 }],
    [null],
    [undefined],
    [3],
  ])('comes back as it is: %j', (value) => {
    const text = storedText(answer(value));
    expect(storedAnswer(text ?? '')).toStrictEqual(answer(value));
  });

  it.each([
    [[{ n: -0 }]],
    [[{ n: Number.NaN }]],
    [[{ n: undefined }]],
    [[1n]],
    [[new Date(0)]],
    [[Object.create(null)]],
    ['x'.repeat(1_048_577)],
  ])('is not put there where it would not', (value) => {
    expect(storedText(answer(value))).toBeUndefined();
  });

  it.each([
    '',
    'x',
    '[]',
    'null',
    '3',
    '{}',
    '{"rows":1}',
    '{"rows":1,"maxAgeMs":-5,"until":1,"stamps":{}}',
    '{"rows":"1","maxAgeMs":5,"until":1,"stamps":{}}',
  ])('is none as %j', (text) => {
    expect(storedAnswer(text)).toBeUndefined();
  });
});
