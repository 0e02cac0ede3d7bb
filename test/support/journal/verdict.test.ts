import { describe, expect, it } from 'vitest';
import { type Claim, find, type Told, wrongOf } from './verdict.ts';

const TWO: Claim = { whole: ['1 INSERT', '2 INSERT'] };
const NOTHING: Claim = { whole: [] };
const NESTED: Claim = { whole: ['1 INSERT'], optional: [['2 INSERT']] };
const COMMITTING: Claim = { whole: ['1 INSERT', '2 INSERT'], stages: [['1 INSERT']] };

describe('what the journal has of an operation', () => {
  it.each<[string, Claim, string[]]>([
    ['all', TWO, ['2 INSERT', '1 INSERT']],
    ['nothing', TWO, []],
    ['a part', TWO, ['2 INSERT']],
    ['too much', TWO, ['1 INSERT', '2 INSERT', '2 INSERT']],
    ['too much', TWO, ['1 INSERT', '1 INSERT']],
    ['too much', TWO, ['3 INSERT']],
    ['too much', TWO, ['1 UPDATE', '2 INSERT']],
    ['too much', NOTHING, ['1 INSERT']],
    ['all', NESTED, ['1 INSERT']],
    ['all', NESTED, ['1 INSERT', '2 INSERT']],
    ['a part', NESTED, ['2 INSERT']],
    ['a stage', COMMITTING, ['1 INSERT']],
    ['a part', COMMITTING, ['2 INSERT']],
  ])('is %s', (found, claim, noted) => {
    expect(find(claim, noted)).toBe(found);
  });
});

describe('a caller', () => {
  const ALL = ['1 INSERT', '2 INSERT'];
  const HALF = ['1 INSERT'];
  const TWICE = [...ALL, ...ALL];

  it.each<[Told, string[]]>([
    ['fulfilled', ALL],
    ['applied', ALL],
    ['not-applied', []],
    ['own error', []],
    ['unknown', ALL],
    ['unknown', []],
  ])('is told the truth with %s where the journal has %j', (told, noted) => {
    expect(wrongOf(told, TWO, noted)).toBeUndefined();
  });

  it.each<[Told, string[]]>([
    ...(['fulfilled', 'applied'] as const).flatMap((told): [Told, string[]][] => [
      [told, []],
      [told, HALF],
      [told, TWICE],
    ]),
    ...(['not-applied', 'own error'] as const).flatMap((told): [Told, string[]][] => [
      [told, ALL],
      [told, HALF],
      [told, TWICE],
    ]),
    ['unknown', HALF],
    ['unknown', TWICE],
    ['unsettled', ALL],
    ['unsettled', []],
    ['nonsense', ALL],
    ['nonsense', []],
  ])('is told an untruth with %s where the journal has %j', (told, noted) => {
    expect(wrongOf(told, TWO, noted)).toEqual(expect.any(String));
  });

  it('is told of a read that it changed nothing', () => {
    for (const told of ['fulfilled', 'not-applied', 'own error'] as const) {
      expect(wrongOf(told, NOTHING, [])).toBeUndefined();
    }
    for (const told of ['unknown', 'applied'] as const) {
      expect(wrongOf(told, NOTHING, [])).toEqual(expect.any(String));
    }
  });

  it('may find a stage of what commits in between only when nobody can know', () => {
    expect(wrongOf('unknown', COMMITTING, HALF)).toBeUndefined();
    expect(wrongOf('not-applied', COMMITTING, HALF)).toEqual(expect.any(String));
    expect(wrongOf('fulfilled', COMMITTING, HALF)).toEqual(expect.any(String));
  });

  it('may find a nested transaction or not where that is open, and never it alone', () => {
    expect(wrongOf('fulfilled', NESTED, ['1 INSERT'])).toBeUndefined();
    expect(wrongOf('fulfilled', NESTED, ['1 INSERT', '2 INSERT'])).toBeUndefined();
    expect(wrongOf('unknown', NESTED, ['2 INSERT'])).toEqual(expect.any(String));
  });
});
