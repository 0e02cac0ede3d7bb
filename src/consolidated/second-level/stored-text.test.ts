import { describe, expect, it } from 'vitest';
import { storedAnswer, storedText } from './stored-text.ts';

const answer = (value: unknown) => ({ value, rows: 1, maxAgeMs: 30_000, until: 1, stamps: { a: 'b' } });

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

describe('an answer in the store', () => {
  it.each([
    [[{ id: 1, name: 'ä', at: null, tags: ['x', []], json: { a: [true, 0.5] } }]],
    [[]],
    ['\ud800'],
    [{ ['__proto__']: 1 }],
    [null],
    [undefined],
    [3],
    [nested(100)],
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
    [nested(101)],
  ])('is not put there where it would not', (value) => {
    expect(storedText(answer(value))).toBeUndefined();
  });

  it('is none where it is nested deeper than anybody would put it there', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(storedAnswer(JSON.stringify(answer(0)).replace('"value":0', `"value":${deep}`))).toBeUndefined();
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
