import { describe, expect, it } from 'vitest';
import { UsageError, ValidationError } from '../../contract/errors.ts';
import { Condition } from './condition.ts';
import { Operator, op } from './operator.ts';
import { JsonPath, path } from './path.ts';

describe('an operator', () => {
  it('is known by its brand, and nothing that looks like one is', () => {
    const genuine = op.gte(10);
    expect(Operator.read(genuine)).toEqual({ kind: 'value', name: 'gte', value: 10 });
    const lookAlikes: unknown[] = [
      { kind: 'value', name: 'gte', value: 10 },
      JSON.parse(JSON.stringify(genuine)),
      { ...genuine },
      structuredClone({ node: { kind: 'is', value: null } }),
      Object.create(Operator.prototype),
      Object.setPrototypeOf({ kind: 'in', values: [] }, Operator.prototype),
      JSON.parse('{"__proto__": {"kind": "in"}}'),
      null,
      'eq',
    ];
    for (const value of lookAlikes) expect(Operator.read(value)).toBeUndefined();
  });

  it('keeps its values to itself', () => {
    expect(JSON.stringify(op.eq('secret'))).toBe('{}');
    expect(Object.keys(op.eq('secret'))).toEqual([]);
  });

  it('keeps the values that it was given when their array changes', () => {
    const values = [1];
    const within = op.in(values);
    values.push(2);
    expect(Operator.read(within)).toEqual({ kind: 'in', values: [1] });
  });

  it.each<[string, () => unknown, RegExp]>([
    ['null', () => op.neq(null), /equals nothing.*op\.isDistinct\(null\)/],
    ['no array', () => op.in('abc' as never), /values of op\.in must be an array/],
    ['another kind of pattern', () => op.like(1 as never), /pattern of op\.like must be a string/],
    ['another kind of truth', () => op.is('true' as never), /value of op\.is must be null, true or false/],
    ['another kind of query', () => op.textSearch({} as never), /query of op\.textSearch must be a string/],
  ])('refuses %s as a value', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(ValidationError);
  });

  it.each<[string, () => unknown]>([
    ['eq', () => op.eq(undefined)],
    ['isDistinct', () => op.isDistinct(undefined)],
    ['like', () => op.like(undefined as never)],
    ['in', () => op.in(undefined as never)],
    ['is', () => op.is(undefined as never)],
    ['textSearch', () => op.textSearch(undefined as never)],
  ])('refuses undefined as a fault of the code: %s', (_, make) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(/undefined/);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'another type of text search',
      () => op.textSearch('x', { type: 'fuzzy' as never }),
      /plain, phrase or websearch/,
    ],
    ['a value to negate', () => op.not({ kind: 'not' } as never), /op\.not needs an operator or a condition/],
    ['no alternatives', () => op.or(), /at least one/],
  ])('refuses %s as a wrong call', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(UsageError);
  });
});

describe('a condition', () => {
  it('is known by its brand', () => {
    expect(Condition.read(op.or({ a: 1 }))).toEqual({ kind: 'or', parts: [{ a: 1 }] });
    expect(Condition.read({ kind: 'or', parts: [{}] })).toBeUndefined();
    expect(Condition.read(op.not(op.and({ a: 1 })))).toMatchObject({ kind: 'not' });
    expect(Condition.read(op.eq(1))).toBeUndefined();
  });
});

describe('a path', () => {
  it('is known by its brand, and takes keys and positions', () => {
    expect(JsonPath.read(path('meta', 'stops', -1, 'city'))).toEqual({
      column: 'meta',
      steps: ['stops', '-1', 'city'],
      type: 'text',
      name: 'city',
    });
    expect(JsonPath.read(path('meta', 'n').as('numeric'))).toMatchObject({ type: 'numeric' });
    expect(JsonPath.read({ column: 'meta', steps: ['x'], type: 'text', name: 'x' })).toBeUndefined();
  });

  it.each<[string, () => unknown, RegExp]>([
    ['no step', () => path('meta'), /at least one step/],
    ['no column', () => path('', 'x'), /name of a column/],
    ['a fraction', () => path('meta', 1.5), /whole numbers/],
    ['an object', () => path('meta', {} as never), /whole numbers/],
    ['another type', () => path('meta', 'x').as('int; drop' as never), /must be one of text, integer/],
    ['an inherited name as a type', () => path('meta', 'x').as('constructor' as never), /must be one of/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
