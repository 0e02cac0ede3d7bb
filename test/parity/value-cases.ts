/** A value of a type as SQL, what callers see of it, and what they see with `largeNumbers: 'string'` where that differs. */
export type ValueCase = readonly [type: string, literal: string, expected: unknown, asStrings?: unknown];

/** Types of the cases that Postgres does not bring along. */
export const VALUE_TYPES = `
  create type mood as enum ('ok', 'so ''so', '🙂');
  create domain amount as numeric(30, 2);
  create domain tag_list as text[];
  create domain email as text check (value like '%@%');
  create type place as ("the name" text, score numeric, seen timestamptz, tags text[]);
  create type plain as (data jsonb, flag boolean, place place);
  create type light as (n integer, label text);
`;

const BIG = '12345678901234567890123456789.0123456789';

export const VALUES: readonly ValueCase[] = [
  ['smallint', "'-32768'", -32768],
  ['integer', "'2147483647'", 2147483647],
  ['bigint', "'0'", 0, '0'],
  ['bigint', "'9007199254740991'", 9007199254740991, '9007199254740991'],
  ['bigint', "'-9007199254740992'", -9007199254740992, '-9007199254740992'],
  ['numeric', "'1.50'", 1.5, '1.50'],
  ['numeric', "'0.1'", 0.1, '0.1'],
  ['numeric', "'-0.000'", 0, '0.000'],
  ['numeric', "'1e30'", 1e30, `1${'0'.repeat(30)}`],
  ['numeric', "'NaN'", 'NaN', 'NaN'],
  ['numeric', "'Infinity'", 'Infinity', 'Infinity'],
  ['numeric', "'-Infinity'", '-Infinity', '-Infinity'],
  ['numeric(20,4)', "'12.3'", 12.3, '12.3000'],
  ['real', "'1.1'", 1.1],
  ['real', "'NaN'", 'NaN'],
  ['double precision', "'0.1'", 0.1],
  ['double precision', "'1.7976931348623157e308'", Number.MAX_VALUE],
  ['double precision', "'5e-324'", 5e-324],
  ['double precision', "'-0'", -0],
  ['double precision', "'NaN'", 'NaN'],
  ['double precision', "'Infinity'", 'Infinity'],
  ['double precision', "'-Infinity'", '-Infinity'],
  ['boolean', "'t'", true],
  ['boolean', "'f'", false],
  ['text', "''", ''],
  ['text', "'null'", 'null'],
  ['text', "'NULL'", 'NULL'],
  ['text', "'€ 🙂 👩‍👩‍👧 \" \\ '", '€ 🙂 👩‍👩‍👧 " \\ '],
  ['text', "E'line\\nline\\ttab\\u2028\\uFFFF'", 'line\nline\ttab\u2028\uffff'],
  ['text', "repeat('🙂x', 209716)", '🙂x'.repeat(209_716)],
  ['varchar(5)', "'abc'", 'abc'],
  ['character(5)', "'ab'", 'ab   '],
  ['"char"', "'x'", 'x'],
  ['name', "'pg_class'", 'pg_class'],
  ['bytea', "'\\x00ff10'", '\\x00ff10'],
  ['bytea', "''", '\\x'],
  ['uuid', "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['json', `'{"b":1, "a":[1,null,"x"]}'`, { b: 1, a: [1, null, 'x'] }],
  ['json', `'"text"'`, 'text'],
  ['jsonb', `'[]'`, []],
  ['jsonb', `'{"__proto__": {"x": 1}}'`, JSON.parse('{"__proto__": {"x": 1}}')],
  ['jsonb', "'1.50'", 1.5],
  ['jsonb', "'false'", false],
  ['jsonb', "'null'", null],
  ['jsonb', 'null', null],
  ['timestamptz', "'2024-01-02 03:04:05.678+00'", '2024-01-02T03:04:05.678+00:00'],
  ['timestamptz', "'2024-01-02 03:04:05.123456+05:30'", '2024-01-01T21:34:05.123456+00:00'],
  ['timestamptz', "'infinity'", 'infinity'],
  ['timestamptz', "'-infinity'", '-infinity'],
  ['timestamptz', "'0044-03-15 12:00:00+00 BC'", '0044-03-15T12:00:00+00:00 BC'],
  ['timestamptz', "'12024-03-15 00:00:00+00'", '12024-03-15T00:00:00+00:00'],
  ['timestamp', "'2024-01-02 03:04:05.10'", '2024-01-02T03:04:05.1'],
  ['timestamp', "'infinity'", 'infinity'],
  ['date', "'2024-02-29'", '2024-02-29'],
  ['date', "'0044-03-15 BC'", '0044-03-15 BC'],
  ['date', "'infinity'", 'infinity'],
  ['time', "'04:05:06.789'", '04:05:06.789'],
  ['time', "'24:00'", '24:00:00'],
  ['timetz', "'04:05:06+05:30'", '04:05:06+05:30'],
  ['interval', "'1 year 2 mons -3 days 04:05:06.7'", '1 year 2 mons -3 days +04:05:06.7'],
  ['interval', "'0'", '00:00:00'],
  ['money', "'12.34'", '$12.34'],
  ['inet', "'192.168.0.1/24'", '192.168.0.1/24'],
  ['cidr', "'10.0.0.0/8'", '10.0.0.0/8'],
  ['macaddr', "'08:00:2b:01:02:03'", '08:00:2b:01:02:03'],
  ['bit(3)', "'101'", '101'],
  ['bit varying', "'10'", '10'],
  ['point', "'(1.5,2)'", '(1.5,2)'],
  ['box', "'(0,0),(1,1)'", '(1,1),(0,0)'],
  ['tsvector', "'fat cat'", "'cat' 'fat'"],
  ['tsquery', "'fat & cat'", "'fat' & 'cat'"],
  ['oid', "'4294967295'", '4294967295'],
  ['xid8', "'18446744073709551615'", '18446744073709551615'],
  ['regclass', "'pg_catalog.pg_class'", 'pg_class'],
  ['pg_lsn', "'16/B374D848'", '16/B374D848'],
  ['int4range', "'[1,5]'", '[1,6)'],
  ['int8range', "'(,9007199254740993)'", '(,9007199254740993)'],
  ['int4range', "'empty'", 'empty'],
  ['numrange', "'(1.50,)'", '(1.50,)'],
  ['daterange', "'[2024-01-01,2024-02-01)'", '[2024-01-01,2024-02-01)'],
  ['tstzrange', "'[2024-01-01,2024-02-01)'", '["2024-01-01 00:00:00+00","2024-02-01 00:00:00+00")'],
  ['int8multirange', "'{[1,2],[5,6]}'", '{[1,3),[5,7)}'],
  ['mood', "'so ''so'", "so 'so"],
  ['mood', "'🙂'", '🙂'],
  ['amount', "'12.50'", 12.5, '12.50'],
  ['tag_list', "'{a,NULL}'", ['a', null]],
  ['email', "'a@b.c'", 'a@b.c'],
  ['extensions.vector(2)', "'[1.5,-2]'", '[1.5,-2]'],
  ['extensions.halfvec(3)', "'[1.5,-2,0]'", '[1.5,-2,0]'],
  ['extensions.sparsevec(4)', "'{1:1.5,3:-2}/4'", '{1:1.5,3:-2}/4'],
  ['integer[]', "'{}'", []],
  ['integer[]', "'{1,NULL,3}'", [1, null, 3]],
  ['integer[]', "'{{1,2},{3,4}}'", [[1, 2], [3, 4]]], // biome-ignore format: one case a line
  ['bigint[]', "'{1,NULL,9007199254740991}'", [1, null, 9007199254740991], ['1', null, '9007199254740991']],
  ['numeric[]', "'{1.50,NaN,NULL}'", [1.5, 'NaN', null], ['1.50', 'NaN', null]],
  ['double precision[]', "'{1.5,NaN,-Infinity,-0}'", [1.5, 'NaN', '-Infinity', -0]],
  ['boolean[]', "'{t,f,NULL}'", [true, false, null]],
  ['text[]', `'{"",NULL,"NULL","a,b","c\\"d","e\\\\f","{g}"," h ",🙂}'`, ['', null, 'NULL', 'a,b', 'c"d', 'e\\f', '{g}', ' h ', '🙂']], // biome-ignore format: one case a line
  ['text[]', `'{{a,"b}"},{"{c",NULL}}'`, [['a', 'b}'], ['{c', null]]], // biome-ignore format: one case a line
  ['uuid[]', "'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'", ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
  ['timestamptz[]', "'{2024-01-02 03:04:05+00,infinity}'", ['2024-01-02T03:04:05+00:00', 'infinity']],
  ['date[]', "'{2024-01-02,NULL}'", ['2024-01-02', null]],
  ['interval[]', "'{1 day,-1 day}'", ['1 day', '-1 days']],
  ['bytea[]', `'{"\\\\x00ff","\\\\x"}'`, ['\\x00ff', '\\x']],
  ['jsonb[]', `array['{"a": [1, "x"]}'::jsonb, 'null'::jsonb, null, '[1,2]'::jsonb]`, [{ a: [1, 'x'] }, null, null, [1, 2]]], // biome-ignore format: one case a line
  ['box[]', "'{(1,1),(0,0);(2,2),(0,0)}'", ['(1,1),(0,0)', '(2,2),(0,0)']],
  ['int4range[]', `'{"[1,2)",empty}'`, ['[1,2)', 'empty']],
  ['mood[]', "'{ok,\"so ''so\"}'", ['ok', "so 'so"]],
  ['extensions.vector(2)[]', "array['[1,2]'::extensions.vector, null]", ['[1,2]', null]],
  ['place', `row('x "q" \\ , ( )', 1.5, '2024-01-01', '{a,NULL}')`, { 'the name': 'x "q" \\ , ( )', score: 1.5, seen: '2024-01-01T00:00:00+00:00', tags: ['a', null] }, { 'the name': 'x "q" \\ , ( )', score: '1.5', seen: '2024-01-01T00:00:00+00:00', tags: ['a', null] }], // biome-ignore format: one case a line
  ['place', 'row(null,null,null,null)', { 'the name': null, score: null, seen: null, tags: null }],
  ['plain', `row('{"a": null}', true, row('',null,null,null)::place)`, { data: { a: null }, flag: true, place: { 'the name': '', score: null, seen: null, tags: null } }], // biome-ignore format: one case a line
  ['light[]', `array[row(1, 'a'), row(2, null), null]::light[]`, [{ n: 1, label: 'a' }, { n: 2, label: null }, null]], // biome-ignore format: one case a line
];

/** Values whose digits a JavaScript number does not hold. */
export const TOO_LARGE: readonly (readonly [type: string, literal: string, asStrings: unknown])[] = [
  ['bigint', "'9007199254740993'", '9007199254740993'],
  ['bigint', "'-9223372036854775808'", '-9223372036854775808'],
  ['numeric', `'${BIG}'`, BIG],
  ['numeric', "'1e400'", `1${'0'.repeat(400)}`],
  ['amount', "'12345678901234567.89'", '12345678901234567.89'],
  ['bigint[]', "'{{1},{9007199254740993}}'", [['1'], ['9007199254740993']]],
  ['place', 'row(null, 9007199254740993, null, null)', { 'the name': null, score: '9007199254740993', seen: null, tags: null }], // biome-ignore format: one case a line
];
