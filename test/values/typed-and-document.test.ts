import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { introspect } from '../../src/consolidated/catalog/introspect.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { codecFor } from '../../src/consolidated/values/codec-for.ts';
import type { TypeInfo } from '../../src/consolidated/values/type-info.ts';
import { type EmbeddedDatabase, openEmbedded } from './open-embedded.ts';

/** Expressions, each with the value that callers see; types by their SQL name. */
const CASES: readonly (readonly [type: string, literal: string, expected: unknown])[] = [
  ['smallint', "'-32768'", -32768],
  ['integer', "'2147483647'", 2147483647],
  ['integer', "'0'", 0],
  ['bigint', "'9007199254740991'", 9007199254740991],
  ['bigint', "'-9007199254740992'", -9007199254740992],
  ['bigint', "'1000000000000000000'", 1e18],
  ['numeric', "'1.50'", 1.5],
  ['numeric', "'-0.00'", 0],
  ['numeric', "'100'", 100],
  ['numeric', "'0.1'", 0.1],
  ['numeric', "'123456789.123456'", 123456789.123456],
  ['numeric', "'1e30'", 1e30],
  ['numeric', "'1e-30'", 1e-30],
  ['numeric', "'0.30000000000000000000'", 0.3],
  ['numeric', "'NaN'", 'NaN'],
  ['numeric', "'-Infinity'", '-Infinity'],
  ['numeric(20,4)', "'12.3'", 12.3],
  ['real', "'1.1'", 1.1],
  ['real', "'3.4028235e38'", 3.4028235e38],
  ['real', "'NaN'", 'NaN'],
  ['double precision', "'0.1'", 0.1],
  ['double precision', "'1.7976931348623157e308'", Number.MAX_VALUE],
  ['double precision', "'5e-324'", 5e-324],
  ['double precision', "'-0'", -0],
  ['double precision', "'Infinity'", 'Infinity'],
  ['double precision', "'-Infinity'", '-Infinity'],
  ['boolean', "'t'", true],
  ['boolean', "'f'", false],
  ['text', "''", ''],
  ['text', "'null'", 'null'],
  ['text', "'€ 🙂 \" \\ '", '€ 🙂 " \\ '],
  ['text', "E'line\\nline\\ttab\\u2028'", 'line\nline\ttab\u2028'],
  ['character varying(5)', "'abc'", 'abc'],
  ['character(5)', "'ab'", 'ab   '],
  ['"char"', "'x'", 'x'],
  ['name', "'pg_class'", 'pg_class'],
  ['extensions.citext', "'AbC'", 'AbC'],
  ['bytea', "'\\x00ff10'", '\\x00ff10'],
  ['bytea', "''", '\\x'],
  ['uuid', "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['json', `'{"b":1, "a":[1,null,"x"]}'`, { b: 1, a: [1, null, 'x'] }],
  ['json', "'null'", null],
  ['json', `'"text"'`, 'text'],
  ['jsonb', `'{"__proto__": {"x": 1}}'`, JSON.parse('{"__proto__": {"x": 1}}')],
  ['jsonb', "'12345678901234567890'", 12345678901234567000],
  ['jsonb', "'1.50'", 1.5],
  ['jsonb', "'null'", null],
  ['timestamptz', "'2024-01-02 03:04:05.678+00'", '2024-01-02T03:04:05.678+00:00'],
  ['timestamptz', "'2024-01-02 03:04:05.123456+05:30'", '2024-01-01T21:34:05.123456+00:00'],
  ['timestamptz', "'infinity'", 'infinity'],
  ['timestamptz', "'-infinity'", '-infinity'],
  ['timestamptz', "'0044-03-15 12:00:00+00 BC'", '0044-03-15T12:00:00+00:00 BC'],
  ['timestamptz', "'12024-03-15 00:00:00+00'", '12024-03-15T00:00:00+00:00'],
  ['timestamp', "'2024-01-02 03:04:05.10'", '2024-01-02T03:04:05.1'],
  ['timestamp', "'0044-03-15 BC'", '0044-03-15T00:00:00 BC'],
  ['timestamp', "'294276-12-31 23:59:59.999999'", '294276-12-31T23:59:59.999999'],
  ['timestamp', "'infinity'", 'infinity'],
  ['date', "'2024-02-29'", '2024-02-29'],
  ['date', "'0044-03-15 BC'", '0044-03-15 BC'],
  ['date', "'-infinity'", '-infinity'],
  ['time', "'04:05:06.789'", '04:05:06.789'],
  ['time', "'24:00'", '24:00:00'],
  ['timetz', "'04:05:06+05:30'", '04:05:06+05:30'],
  ['interval', "'1 year 2 mons -3 days 04:05:06.7'", '1 year 2 mons -3 days +04:05:06.7'],
  ['money', "'12.34'", '$12.34'],
  ['inet', "'192.168.0.1'", '192.168.0.1'],
  ['cidr', "'10.0.0.0/8'", '10.0.0.0/8'],
  ['macaddr', "'08:00:2b:01:02:03'", '08:00:2b:01:02:03'],
  ['bit(3)', "'101'", '101'],
  ['bit varying', "'10'", '10'],
  ['point', "'(1.5,2)'", '(1.5,2)'],
  ['box', "'(0,0),(1,1)'", '(1,1),(0,0)'],
  ['tsvector', "'fat cat'", "'cat' 'fat'"],
  ['xml', '\'<a b="1"/>\'', '<a b="1"/>'],
  ['oid', "'4294967295'", '4294967295'],
  ['xid8', "'18446744073709551615'", '18446744073709551615'],
  ['regclass', "'pg_catalog.pg_class'", 'pg_class'],
  ['pg_lsn', "'16/B374D848'", '16/B374D848'],
  ['int2vector', "'1 -2'", [1, -2]],
  ['int2vector', "''", []],
  ['oidvector', "'1 2'", ['1', '2']],
  ['int4range', "'[1,5]'", '[1,6)'],
  ['numrange', "'(1.50,)'", '(1.50,)'],
  ['tstzrange', "'[2024-01-01,2024-02-01)'", '["2024-01-01 00:00:00+00","2024-02-01 00:00:00+00")'],
  ['int8multirange', "'{[1,2],[5,6]}'", '{[1,3),[5,7)}'],
  ['int4range', "'empty'", 'empty'],
  ['public.mood', "'so ''so'", "so 'so"],
  ['public.amount', "'12.50'", 12.5],
  ['public.amounts', "'{1.5,2}'", [1.5, 2]],
  ['extensions.vector', "'[1.5,-2]'", '[1.5,-2]'],
  ['extensions.halfvec', "'[1.5,-2]'", '[1.5,-2]'],
  ['extensions.hstore', `'a=>1, "b \\" \\\\ c"=>NULL, e=>""'`, { a: '1', 'b " \\ c': null, e: '' }],
  ['extensions.hstore', "''", {}],
  ['extensions.hstore', "'__proto__=>1'", JSON.parse('{"__proto__":"1"}')],
  ['integer[]', "'{}'", []],
  ['integer[]', "'{1,NULL,3}'", [1, null, 3]],
  ['integer[]', "'{{1,2},{3,4}}'", [[1, 2], [3, 4]]], // biome-ignore format: one case a line
  ['integer[]', "'[0:1]={1,2}'", [1, 2]],
  ['integer[]', "'[-1:0][2:2]={{1},{2}}'", [[1], [2]]],
  ['bigint[]', "'{1,NULL,9007199254740991}'", [1, null, 9007199254740991]],
  ['bigint[]', "'[0:1]={1,2}'", [1, 2]],
  ['numeric[]', "'{1.50,NaN,NULL}'", [1.5, 'NaN', null]],
  ['double precision[]', "'{1.5,NaN,-Infinity,-0}'", [1.5, 'NaN', '-Infinity', -0]],
  ['boolean[]', "'{t,f,NULL}'", [true, false, null]],
  ['text[]', `'{"",NULL,"NULL","a,b","c\\"d","e\\\\f","{g}"," h ",🙂}'`, ['', null, 'NULL', 'a,b', 'c"d', 'e\\f', '{g}', ' h ', '🙂']], // biome-ignore format: one case a line
  ['text[]', `'{{a,"b}"},{"{c",NULL}}'`, [['a', 'b}'], ['{c', null]]], // biome-ignore format: one case a line
  ['box[]', "'{(1,1),(0,0);(2,2),(0,0)}'", ['(1,1),(0,0)', '(2,2),(0,0)']],
  ['timestamptz[]', "'{2024-01-02 03:04:05+00,infinity}'", ['2024-01-02T03:04:05+00:00', 'infinity']],
  ['bytea[]', `'{"\\\\x00ff"}'`, ['\\x00ff']],
  ['jsonb[]', `array['{"a": [1, "x"]}'::jsonb, 'null'::jsonb, null, '[1,2]'::jsonb]`, [{ a: [1, 'x'] }, null, null, [1, 2]]], // biome-ignore format: one case a line
  ['public.mood[]', "'{ok,\"so ''so\"}'", ['ok', "so 'so"]],
  ['public.amounts[]', "array[array[1.5,2]::amounts, array[3]::amounts]", [[1.5, 2], [3]]], // biome-ignore format: one case a line
  ['extensions.vector[]', "array['[1,2]'::vector, null]", ['[1,2]', null]],
  ['extensions.hstore[]', "array['a=>1'::hstore]", [{ a: '1' }]],
  ['public.place', `row('x "q" \\ , ( )', 1.5, '2024-01-01', '{a,NULL}')`, { 'the name': 'x "q" \\ , ( )', score: 1.5, seen: '2024-01-01T00:00:00+00:00', tags: ['a', null] }], // biome-ignore format: one case a line
  ['public.place', 'row(null,null,null,null)', { 'the name': null, score: null, seen: null, tags: null }],
  ['public.place', "row('',null,null,'{}')", { 'the name': '', score: null, seen: null, tags: [] }],
  ['public.plain', `row('{"a": null}', true, row('',null,null,null)::place)`, { data: { a: null }, flag: true, place: { 'the name': '', score: null, seen: null, tags: null } }], // biome-ignore format: one case a line
  ['public.light[]', `array[row(1, 'a'), row(2, null), null]::light[]`, [{ n: 1, __proto: 'a' }, { n: 2, __proto: null }, null]], // biome-ignore format: one case a line
  ['public.light[]', `array[array[row(1, 'a')::light]]`, [[{ n: 1, __proto: 'a' }]]],
  ['public.hostile', `row(1)`, JSON.parse('{"__proto__": 1}')],
  ['public.visited', `row('x', 2, null, null)::place`, { 'the name': 'x', score: 2, seen: null, tags: null }],
  ['public.counted', `row(5, null)`, { id: 5, note: null }],
];

/** Values whose digits a JavaScript number does not hold. */
const TOO_LARGE: readonly (readonly [type: string, literal: string, asStrings: unknown])[] = [
  ['bigint', "'9007199254740993'", '9007199254740993'],
  ['bigint', "'-9223372036854775808'", '-9223372036854775808'],
  ['numeric', "'0.12345678901234567890'", '0.12345678901234567890'],
  ['numeric', "'1e400'", `1${'0'.repeat(400)}`],
  ['numeric', "'1e-400'", `0.${'0'.repeat(399)}1`],
  ['public.amount', "'12345678901234567.89'", '12345678901234567.89'],
  ['bigint[]', "'{{1},{9007199254740993}}'", [['1'], ['9007199254740993']]],
  ['public.place', "row(null, 9007199254740993, null, null)", { 'the name': null, score: '9007199254740993', seen: null, tags: null }], // biome-ignore format: one case a line
];

let database: EmbeddedDatabase;
let catalog: Catalog;

beforeAll(async () => {
  database = await openEmbedded();
  await database.exec(`
    create type mood as enum ('ok', 'so ''so');
    create domain amount as numeric(30, 2);
    create domain amounts as numeric[];
    create type place as ("the name" text, score numeric, seen timestamptz, tags text[]);
    create type plain as (data jsonb, flag boolean, place place);
    create type light as (n integer, __proto text);
    create type hostile as ("__proto__" integer);
    create domain visited as place;
    create table counted (id bigint, gone text, note text);
    alter table counted drop column gone;
  `);
  catalog = await introspect(database.query, ['public'], []);
});

afterAll(() => database.close());

async function typeOf(name: string): Promise<TypeInfo> {
  const rows = await database.query(`select '${name.replaceAll("'", "''")}'::regtype::oid::text`, []);
  const type = catalog.type(Number(rows[0]?.[0]));
  if (type === undefined) throw new Error(`the catalog does not know ${name}`);
  return type;
}

describe('a value is the same in a typed row and in a document', () => {
  it.each(CASES)('%s: %s', async (name, literal, expected) => {
    const codec = codecFor(await typeOf(name), { largeNumbers: 'throw' });
    const expression = `x.v`;
    const rows = await database.query(
      `select x.v, json_build_array(${codec.documentExpression(expression)})::text from (select (${literal})::${name}) as x (v)`,
      [],
    );
    const [text, document] = rows[0] ?? [];
    const [json] = JSON.parse(document ?? '') as unknown[];
    const fromText = codec.fromText(text ?? '');
    const fromJson = json === null ? null : codec.fromJson(json);
    expect(fromText).toStrictEqual(expected);
    expect(fromJson).toStrictEqual(expected);
    expect(JSON.stringify(fromText)).toBe(JSON.stringify(fromJson));
  });

  it.each(TOO_LARGE)('%s: %s is refused, or a string', async (name, literal, asStrings) => {
    const type = await typeOf(name);
    for (const largeNumbers of ['throw', 'string'] as const) {
      const codec = codecFor(type, { largeNumbers });
      const rows = await database.query(
        `select x.v, json_build_array(${codec.documentExpression('x.v')})::text from (select (${literal})::${name}) as x (v)`,
        [],
      );
      const [text, document] = rows[0] ?? [];
      const [json] = JSON.parse(document ?? '') as unknown[];
      for (const decode of [() => codec.fromText(text ?? ''), () => codec.fromJson(json)]) {
        if (largeNumbers === 'string') expect(decode()).toStrictEqual(asStrings);
        else expect(decode).toThrow(expect.objectContaining({ code: 'NUMBER_TOO_LARGE' }));
      }
    }
  });

  it('is a string for every int8 and numeric when asked to, small ones too', async () => {
    const codec = codecFor(await typeOf('numeric'), { largeNumbers: 'string' });
    expect(codec.fromText('1.50')).toBe('1.50');
    expect(codec.fromJson('1.50')).toBe('1.50');
  });
});

describe('what JSON functions would make of a type, PostgREST shows as well', () => {
  const exact = CASES.filter(([, literal]) => !literal.includes('12345678901234567890'));
  it.each(exact)('%s: %s', async (name, literal, expected) => {
    const rows = await database.query(`select json_build_array((${literal})::${name})::text`, []);
    expect((JSON.parse(rows[0]?.[0] ?? '') as unknown[])[0]).toStrictEqual(expected);
  });
});
