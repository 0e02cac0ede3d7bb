import { describe, expect, it } from 'vitest';
import { UsageError, ValidationError } from '../../contract/errors.ts';
import { encodeValue } from './encode.ts';
import { encodeLoose } from './encode-loose.ts';
import { encodeVector } from './encode-vector.ts';
import { JsonText } from './json-text.ts';
import type { TypeInfo } from './type-info.ts';

function type(name: string, rest: Partial<TypeInfo> = {}): TypeInfo {
  return { oid: 0, schema: 'pg_catalog', name, sql: name, kind: 'base', delimiter: ',', ...rest };
}

const arrayOf = (inner: TypeInfo) => type(`_${inner.name}`, { kind: 'array', inner });
const mood = type('mood', { schema: 'public', kind: 'enum', labels: ['ok', "so 'so"] });
const vector = type('vector', { schema: 'extensions' });
const hstore = type('hstore', { schema: 'extensions' });
const place = type('place', {
  schema: 'public',
  kind: 'composite',
  attributes: [
    { name: 'name', type: type('text') },
    { name: 'tags', type: arrayOf(type('text')) },
  ],
});
const amount = type('amount', { schema: 'public', kind: 'domain', inner: type('numeric') });

describe('encodeValue', () => {
  it.each<[TypeInfo, unknown, string | null]>([
    [type('int4'), null, null],
    [type('int4'), -0, '0'],
    [type('int2'), '32767', '32767'],
    [type('int4'), '+7', '7'],
    [type('int8'), 9223372036854775807n, '9223372036854775807'],
    [type('int8'), '-9223372036854775808', '-9223372036854775808'],
    [type('float8'), -0, '-0'],
    [type('float8'), Number.NaN, 'NaN'],
    [type('numeric'), Number.NEGATIVE_INFINITY, '-Infinity'],
    [type('numeric'), 1e21, '1e+21'],
    [type('numeric'), '12345678901234567890.1', '12345678901234567890.1'],
    [amount, 12.5, '12.5'],
    [type('bool'), false, 'f'],
    [type('bool'), 'TRUE', 'TRUE'],
    [type('text'), '', ''],
    [type('text'), '🙂', '🙂'],
    [type('timestamptz'), new Date('2024-01-02T03:04:05.678Z'), '2024-01-02T03:04:05.678Z'],
    [type('timestamptz'), new Date(Date.UTC(12024, 0, 1)), '12024-01-01T00:00:00.000Z'],
    [type('timestamp'), new Date('0000-03-15T00:00:00Z'), '0001-03-15T00:00:00.000Z BC'],
    [type('timestamp'), new Date('-000043-03-15T00:00:00Z'), '0044-03-15T00:00:00.000Z BC'],
    [type('timestamptz'), 'infinity', 'infinity'],
    [type('date'), new Date('2024-01-02T23:59:59Z'), '2024-01-02'],
    [type('date'), new Date('-000043-03-15T00:00:00Z'), '0044-03-15 BC'],
    [type('bytea'), new Uint8Array([0, 255]), '\\x00ff'],
    [type('bytea'), new Uint8Array([9, 1, 2, 9]).subarray(1, 3), '\\x0102'],
    [type('bytea'), new Uint8Array([1]).buffer, '\\x01'],
    [type('bytea'), Buffer.from('a'), '\\x61'],
    [type('bytea'), '\\xff', '\\xff'],
    [type('jsonb'), 'text', '"text"'],
    [type('jsonb'), null, null],
    [type('jsonb'), { a: [1, null], b: undefined }, '{"a":[1,null]}'],
    [type('jsonb'), new JsonText('null'), 'null'],
    [arrayOf(type('jsonb')), [new JsonText('null'), null], '{"null",NULL}'],
    [type('jsonb'), '\\u0000', '"\\\\u0000"'],
    [type('jsonb'), '\\\\ud800', '"\\\\\\\\ud800"'],
    [type('json'), '🙂', '"🙂"'],
    [mood, "so 'so", "so 'so"],
    [type('int4range', { kind: 'range' }), '[1,2)', '[1,2)'],
    [type('uuid'), '{6F1D7a8e2f0c4b5a9d3e-0a1b2c3d4e5f}', '{6F1D7a8e2f0c4b5a9d3e-0a1b2c3d4e5f}'],
    [type('int2vector'), [1, -2], '1 -2'],
    [arrayOf(type('int4')), [1, null, 3], '{1,NULL,3}'],
    [arrayOf(type('int4')), [[1, 2], [3, 4]], '{{1,2},{3,4}}'], // biome-ignore format: one case a line
    [arrayOf(type('int4')), [], '{}'],
    [arrayOf(type('int4')), '{1}', '{1}'],
    [arrayOf(type('float8')), [Number.NaN, -0], '{NaN,-0}'],
    [arrayOf(type('text')), ['', 'NULL', null, 'a,b', 'c"d', 'e\\f', '{g}'], '{"","NULL",NULL,"a,b","c\\"d","e\\\\f","{g}"}'], // biome-ignore format: one case a line
    [
      arrayOf(type('box', { delimiter: ';' })),
      ['(1,1),(0,0)', '(2,2),(0,0)'],
      '{"(1,1),(0,0)";"(2,2),(0,0)"}',
    ],
    [arrayOf(type('jsonb')), [[1, 2], 'a', null], '{"[1,2]","\\"a\\"",NULL}'],
    [arrayOf(type('bytea')), [new Uint8Array([1])], '{"\\\\x01"}'],
    [arrayOf(type('timestamptz')), [new Date(0)], '{"1970-01-01T00:00:00.000Z"}'],
    [arrayOf(mood), ['ok'], '{"ok"}'],
    [arrayOf(amount), [1], '{1}'],
    [arrayOf(vector), [[1, 2], [3, 4]], '{"[1,2]","[3,4]"}'], // biome-ignore format: one case a line
    [place, { name: 'a "b" \\', tags: ['x'] }, '("a ""b"" \\\\","{""x""}")'],
    [place, { name: '' }, '("",)'],
    [place, {}, '(,)'],
    [place, '(a,{})', '(a,{})'],
    [arrayOf(place), [{ name: 'a' }], '{"(\\"a\\",)"}'],
    [vector, [1, 2.5], '[1,2.5]'],
    [vector, new Float32Array([1, 0.5]), '[1,0.5]'],
    [hstore, { a: '1', 'b"': null }, '"a"=>"1","b\\""=>NULL'],
    [type('anyelement', { kind: 'pseudo' }), { a: 1 }, '{"a":1}'],
    [type('cube', { schema: 'extensions' }), 1, '1'],
    [type('constructor', { schema: 'extensions' }), 'x', 'x'],
    [type('constructor'), 'x', 'x'],
  ])('%o takes %o', (target, value, expected) => {
    expect(encodeValue(target, value, 'column "c"')).toBe(expected);
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;

  it.each<[TypeInfo, unknown]>([
    [type('int4'), 1.5],
    [type('int4'), 2147483648],
    [type('int2'), 32768],
    [type('int2'), '32768'],
    [type('int4'), Number.NaN],
    [type('int4'), '0x10'],
    [type('int4'), ''],
    [type('int4'), true],
    [type('int8'), 2 ** 53],
    [type('int8'), 9223372036854775808n],
    [type('oid'), -1],
    [type('numeric'), 'secret'],
    [type('numeric'), '1e'],
    [type('float8'), [1]],
    [type('bool'), 1],
    [type('bool'), 'secret'],
    [type('text'), 5],
    [type('text'), { a: 1 }],
    [type('text'), 'secret\0'],
    [type('text'), 'secret\ud800'],
    [type('timestamptz'), new Date(Number.NaN)],
    [type('timestamptz'), 0],
    [type('date'), new Date(Number.NaN)],
    [type('bytea'), [1, 2]],
    [type('jsonb'), { secret: 'a\0b' }],
    [type('jsonb'), { 'secret\0': 1 }],
    [type('jsonb'), 'secret\\\0'],
    [type('jsonb'), ['\udc00secret']],
    [mood, 'secret'],
    [mood, 1],
    [arrayOf(type('int4')), 5],
    [arrayOf(type('int4')), 'secret'],
    [arrayOf(type('int4')), ['secret']],
    [arrayOf(type('int4')), [1, [2]]],
    [arrayOf(type('int4')), [[1], [2, 3]]],
    [arrayOf(type('int4')), [[1], null]],
    [arrayOf(type('text')), ['a\0']],
    [place, { secret: 1 }],
    [place, JSON.parse('{"__proto__": 1}')],
    [place, ['a']],
    [place, { name: 5 }],
    [vector, { 0: 1, length: 1 }],
    [hstore, { a: 1 }],
    [hstore, ['a']],
    [type('cube', { schema: 'extensions' }), {}],
  ])('%o refuses %o', (target, value) => {
    const refused = () => encodeValue(target, value, 'column "c"');
    expect(refused).toThrow(ValidationError);
    expect(refused).toThrow(/column "c" (must|does not match) /);
    if (value !== null && typeof value !== 'object') expect(refused).not.toThrow(/secret/);
  });

  it.each<[TypeInfo, unknown]>([
    [type('text'), Symbol('secret')],
    [type('anyelement', { kind: 'pseudo' }), undefined],
    [arrayOf(type('int4')), [undefined]],
    [type('jsonb'), [1, undefined]],
    [type('jsonb'), undefined],
    [type('int4'), undefined],
    [type('jsonb'), () => 'secret'],
    [type('jsonb'), Symbol('secret')],
    [type('jsonb'), 1n],
    [type('jsonb'), cycle],
    [place, new Map([['name', 'secret']])],
    [hstore, new Map([['name', 'secret']])],
    [type('text'), new JsonText('"secret"')],
  ])('%o refuses %o, which no request contains', (target, value) => {
    const refused = () => encodeValue(target, value, 'column "c"');
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(/column "c" must /);
    expect(refused).not.toThrow(/secret/);
  });

  it('says which labels an enum has, and which attributes a composite', () => {
    expect(() => encodeValue(mood, 'x', 'column "mood"')).toThrow(
      "column \"mood\" must be one of 'ok', 'so 'so'",
    );
    expect(() => encodeValue(place, { nam: 1 }, 'column "place"')).toThrow(
      /name, tags.*"nam" is not one of the attributes/,
    );
  });

  it('holds the dimensions of a vector against the column, through arrays and domains', () => {
    const embedding = type('embedding', { schema: 'public', kind: 'domain', inner: vector });
    expect(encodeValue(embedding, [1, 2], 'column "e"', 2)).toBe('[1,2]');
    expect(() => encodeValue(embedding, [1], 'column "e"', 2)).toThrow('a vector of 2 dimensions. It has 1');
    expect(() => encodeValue(arrayOf(vector), [[1]], 'column "e"', 2)).toThrow('2 dimensions');
  });
});

describe('encodeVector', () => {
  it('takes numbers and the text form', () => {
    expect(encodeVector([1e-7, -2, 3.25], 3, 'v')).toBe('[1e-7,-2,3.25]');
    expect(encodeVector(' [1, .5,-2e3] ', 3, 'v')).toBe('[1,0.5,-2000]');
    expect(encodeVector([1], undefined, 'v')).toBe('[1]');
    expect(encodeVector([1], -1, 'v')).toBe('[1]');
  });

  it.each([
    [[]],
    ['[]'],
    [[Number.NaN]],
    [[Number.POSITIVE_INFINITY]],
    [[1e39]],
    ['[NaN]'],
    ['[1,,2]'],
    ['[1,0x2]'],
    ['1,2'],
    [['1' as unknown as number]],
  ])('refuses %o', (value) => {
    expect(() => encodeVector(value, undefined, 'argument "query"')).toThrow(ValidationError);
    expect(() => encodeVector(value, undefined, 'argument "query"')).toThrow(
      /argument "query" must be a vector/,
    );
  });
});

describe('encodeLoose', () => {
  it.each<[unknown, string | null]>([
    [null, null],
    ['a', 'a'],
    [1.5, '1.5'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [10n, '10'],
    [true, 'true'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Uint8Array([1]), '\\x01'],
    [['a', null, ['b']].slice(0, 2), '{"a",NULL}'],
    [[[1], [2]], '{{"1"},{"2"}}'],
    [[{ a: 1 }], '{"{\\"a\\":1}"}'],
    [{ a: 'x' }, '{"a":"x"}'],
  ])('%o', (value, expected) => {
    expect(encodeLoose(value, 'value 1')).toBe(expected);
  });

  it.each([
    [undefined],
    [() => 1],
    [Symbol('s')],
    ['\0'],
    ['\udfff'],
    [{ a: '\0' }],
    [new Date(Number.NaN)],
    [[undefined]],
  ])('refuses %o', (value) => {
    expect(() => encodeLoose(value, 'value 1')).toThrow(/value 1 must /);
  });
});
