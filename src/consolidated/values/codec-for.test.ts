import { describe, expect, it } from 'vitest';
import type { DecodeOptions } from './codec.ts';
import { codecFor } from './codec-for.ts';
import type { TypeInfo } from './type-info.ts';

const THROW: DecodeOptions = { largeNumbers: 'throw' };
const STRING: DecodeOptions = { largeNumbers: 'string' };

function builtin(name: string, sql = name): TypeInfo {
  return { oid: 1, schema: 'pg_catalog', name, sql, kind: 'base', delimiter: ',' };
}

function listOf(inner: TypeInfo): TypeInfo {
  return { ...inner, name: `_${inner.name}`, sql: `${inner.sql}[]`, kind: 'array', inner };
}

const int4 = builtin('int4', 'integer');
const int8 = builtin('int8', 'bigint');
const float8 = builtin('float8', 'double precision');
const text = builtin('text');
const domain: TypeInfo = {
  ...int4,
  schema: 'public',
  name: 'seats',
  sql: '"public"."seats"',
  kind: 'domain',
  inner: float8,
};
const pair: TypeInfo = {
  ...int4,
  schema: 'public',
  name: 'pair',
  sql: '"public"."pair"',
  kind: 'composite',
  attributes: [
    { name: 'n', type: int4 },
    { name: 'label', type: text },
  ],
};
const hstore: TypeInfo = { ...builtin('hstore'), schema: 'extensions' };
const changed = expect.objectContaining({ code: 'COLUMNS_CHANGED', outcome: 'not-applied' });

describe('a value that is not of the type of its column', () => {
  it.each<[TypeInfo, readonly string[]]>([
    [builtin('bool'), ['1', 'true', '']],
    [builtin('int2'), ['32768', '1.5', 't', '']],
    [int4, ['2147483648', '9007199254740993', '1.5', 't', 'NaN', '']],
    [int8, ['1.5', 't', 'seven', '00x', '']],
    [builtin('numeric'), ['t', 'seven', '{1}', '']],
    [float8, ['t', 'seven', '']],
    [builtin('jsonb'), ['seven', '{a,b}']],
    [listOf(int4), ['seven', '{t}', '{1', '(1)']],
    [pair, ['7', '(1)', '(1,a,b)', '(t,a)']],
  ])('is refused as text: $name', (type, texts) => {
    for (const one of texts) expect(() => codecFor(type, THROW).fromText(one), one).toThrow(changed);
  });

  it.each<[TypeInfo, readonly unknown[]]>([
    [builtin('bool'), [1, 'true', {}, []]],
    [builtin('int2'), [32_768, 1.5, '7', true, [7]]],
    [int4, [2_147_483_648, 9_007_199_254_740_992, 1.5, '7', true, [7]]],
    [int8, [7, true, 'seven', '1.5', [], {}]],
    [builtin('numeric'), [7, true, 'seven', [], {}]],
    [float8, [true, '0.5', [], {}]],
    [text, [7, true, ['a'], { a: 1 }]],
    [builtin('timestamptz'), [7, true, [], {}]],
    [builtin('uuid'), [7, true, [], {}]],
    [listOf(int4), [7, '{1,2}', ['a'], [[1.5]], { a: 1 }]],
    [listOf(text), ['a', [1], [['a'], [1]]]],
    [hstore, [7, 'a', true, [], ['a']]],
    [
      pair,
      [7, 'a', [], { n: 1 }, { n: 1, label: 'a', more: 1 }, { n: 'a', label: 'a' }, { m: 1, label: 'a' }],
    ],
  ])('is refused in a document: $name', (type, values) => {
    for (const one of values) {
      expect(() => codecFor(type, THROW).fromJson(one), JSON.stringify(one)).toThrow(changed);
    }
  });

  it.each<[TypeInfo, readonly unknown[]]>([
    [int4, [0, -0, -2_147_483_648, 2_147_483_647]],
    [float8, [0.1, 1e300, 'NaN', 'Infinity', '-Infinity']],
    [text, ['', '7']],
    [
      listOf(int4),
      [
        [],
        [1, null],
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
    [listOf(builtin('jsonb')), [[1, 'a', [true], { a: 1 }, null]]],
    [pair, [{ n: 1, label: null }]],
    [hstore, [{}, { a: '1', b: null }]],
  ])('is not taken for one where it is: $name', (type, values) => {
    for (const one of values) expect(codecFor(type, THROW).fromJson(one)).toBe(one);
  });

  it.each<[TypeInfo, string, unknown]>([
    [builtin('bool'), 't', true],
    [builtin('bool'), 'f', false],
    [listOf(builtin('bool')), '{t,f,NULL}', [true, false, null]],
    [hstore, '', {}],
    [hstore, '"a"=>"1", "b"=>NULL', { a: '1', b: null }],
  ])('is not taken for one where its text is of it: $0.name $1', (type, given, value) => {
    expect(codecFor(type, THROW).fromText(given)).toEqual(value);
  });

  it('is nowhere in the error', () => {
    const error = (() => {
      try {
        return codecFor(builtin('jsonb'), THROW).fromText('nobody-shall-read-this');
      } catch (caught) {
        return caught;
      }
    })();
    expect(JSON.stringify([error, String(error), String((error as Error).cause)])).not.toContain('nobody');
  });
});

describe('the expression of a column in a document', () => {
  const of = (type: TypeInfo, options = THROW) => codecFor(type, options).documentExpression('t."n"');

  it('is the column where JSON tells the type, so that the server has nothing to do for it', () => {
    for (const type of [int4, text, builtin('bool'), listOf(int4), pair]) {
      expect(of(type)).toBe('t."n"');
    }
  });

  it('holds for its type alone where JSON looks alike for others', () => {
    expect(of(int8)).toBe('pg_catalog.int8out(t."n")');
    expect(of(builtin('numeric'))).toBe('pg_catalog.numeric_out(t."n")');
    const same = (sql: string) =>
      `case when pg_catalog.array_eq(array[t."n"], null::${sql}[]) is null then t."n" end`;
    expect(of(float8)).toBe(same('double precision'));
    expect(of(domain)).toBe(same('"public"."seats"'));
    expect(of(listOf(int8))).toBe(`(${same('bigint[]')})::text`);
    expect(of(int4, STRING)).toBe(same('integer'));
    expect(of(int8, STRING)).toBe(`pg_catalog.int8out(${same('bigint')})`);
  });
});
