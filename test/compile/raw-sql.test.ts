import { expect, it } from 'vitest';
import { compileRaw } from '../../src/consolidated/raw-sql/compile-raw.ts';
import { type Fragment, fragment, identifier, join, json } from '../../src/consolidated/raw-sql/fragment.ts';
import { decodeRawDocument } from '../../src/consolidated/values/raw-document.ts';
import { type CompileDatabase, describeDatabases } from './compile-database.ts';

const SQL = `
  create table items (id int primary key, name text, meta jsonb);
  insert into items values (1, 'one', '{"a": 1}'), (2, 'two', null), (3, 'three', null);
`;

/** Runs SQL of a caller as a document, puts the state back, and answers with its rows and count. */
async function run(database: CompileDatabase, sql: Fragment) {
  const statement = compileRaw(sql);
  await database.exec('begin');
  try {
    const typed = await database.query(statement.plan.text, statement.values);
    await database.exec('rollback; begin');
    const reply = await database.documentReply(statement);
    const document = await decodeRawDocument(
      reply.form === 'document' ? reply.text : '',
      { largeNumbers: 'throw' },
      async () => [],
    );
    expect(document.count).toBe(typed.count);
    return document.rows;
  } finally {
    await database.exec('rollback');
  }
}

describeDatabases("SQL of the caller's own", SQL, (database) => {
  const id = identifier('id');
  const mine = fragment`id >= ${2}`;
  const two = [{ id: 2 }, { id: 3 }];

  it.each<[string, Fragment, unknown[] | null]>([
    ['a select', fragment`select id from items where ${mine} order by id`, two],
    [
      'a semicolon and comments at the end',
      fragment`select id from items where ${mine} order by id; -- ; so`,
      two,
    ],
    [
      'a comment at the end',
      fragment`/* a /* b */ ; */ select id from items where id = ${1} -- it's`,
      [{ id: 1 }],
    ],
    [
      'parentheses',
      fragment`(select id from items where id = ${1}) union all (select 7) order by 1`,
      [{ id: 1 }, { id: 7 }],
    ],
    [
      'values',
      fragment`values (${1}::int, ${'x'}), (2, 'y')`,
      [
        { column1: 1, column2: 'x' },
        { column1: 2, column2: 'y' },
      ],
    ],
    ['table', fragment`table items limit 1`, [{ id: 1, name: 'one', meta: { a: 1 } }]],
    ['a column called t', fragment`select 1 as t, 'x' as "d"`, [{ t: 1, d: 'x' }]],
    ['no rows', fragment`select id from items where false`, null],
    [
      'with',
      fragment`with a as (select ${2}::int as id), "values" (x) as materialized (values (1)) select a.id from a`,
      [{ id: 2 }],
    ],
    [
      'with recursive',
      fragment`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${3}) select i from n order by i`,
      [{ i: 1 }, { i: 2 }, { i: 3 }],
    ],
    [
      'with that writes',
      fragment`with gone as (delete from items where id = ${1} returning id) select id from gone`,
      [{ id: 1 }],
    ],
    [
      'with that writes before a write',
      fragment`with gone as (delete from items where id = ${1} returning id) insert into items select id + 10, 'x' from gone returning id`,
      [{ id: 11 }],
    ],
    [
      'with before a write',
      fragment`with a as (select 2 as id) update items set name = 'x' from a where items.id = a.id`,
      null,
    ],
    [
      'insert returning',
      fragment`insert into items (id, name, meta) values (${4}, ${'four; "returning"'}, ${json(['a', null])}) returning *`,
      [{ id: 4, name: 'four; "returning"', meta: ['a', null] }],
    ],
    [
      'insert with a text that says returning',
      fragment`insert into items values (5, 'returning') on conflict do nothing -- x`,
      null,
    ],
    ['update', fragment`update items set name = ${'x'} where ${mine}`, null],
    [
      'update returning',
      fragment`update items set name = ${'x'} where ${join([mine, fragment`id < ${3}`], fragment` and `)} returning ${join([id, identifier('items', 'name')])}`,
      [{ id: 2, name: 'x' }],
    ],
    ['delete', fragment`delete from items using (select 1 as id) as u where items.id = u.id`, null],
    [
      'dollar quotes and escapes',
      fragment`select $a$ ; $1 ' $a$ as a, e'\\' ; ' as b, ${'v'} as "c;""d"`,
      [{ a: " ; $1 ' ", b: "' ; ", 'c;"d': 'v' }],
    ],
    [
      'values of many types',
      fragment`select ${null}::text as a, ${true}::bool as b, ${[1, null]}::int[] as c, ${{ x: 1 }}::jsonb as d, ${12n}::int as e`,
      [{ a: null, b: true, c: [1, null], d: { x: 1 }, e: 12 }],
    ],
  ])('answers %s', async (_, sql, rows) => {
    expect(await run(database, sql)).toEqual(rows);
  });

  it.each<[string, Fragment]>([
    ['show', fragment`show timezone`],
    ['explain', fragment`explain select 1`],
    ['set', fragment`set local timezone = 'UTC'`],
    ['ddl', fragment`create table more (id int)`],
  ])('has no document for %s', async (_, sql) => {
    const statement = compileRaw(sql);
    expect(statement.plan.document).toBe('');
    await database.exec('begin');
    await database.query(statement.plan.text, statement.values);
    await database.exec('rollback');
  });

  it('takes any text as a name', async () => {
    const sql = fragment`select ${1}::int as ${identifier('a"; drop table items; --')}`;
    expect(await run(database, sql)).toEqual([{ 'a"; drop table items; --': 1 }]);
  });
});
