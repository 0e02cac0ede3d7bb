import { describe, expect, it } from 'vitest';
import { compileRaw } from './compile-raw.ts';
import { Fragment, fragment, identifier, join, json, render } from './fragment.ts';

describe('a fragment', () => {
  it('numbers its parameters through all that is nested in it', () => {
    const inner = fragment`b = ${2} and c in (${join([fragment`${3}`, fragment`${null}`])})`;
    expect(
      render(
        fragment`select ${identifier('public', 'a"b')} where a = ${'x'} and ${inner} or d = ${json('x')}`,
      ),
    ).toEqual({
      text: 'select "public"."a""b" where a = $1 and b = $2 and c in ($3, $4) or d = $5',
      values: ['x', '2', '3', null, '"x"'],
    });
  });

  it('puts what stands between joined fragments itself', () => {
    const conditions = [fragment`a = ${1}`, fragment`b = ${2}`];
    expect(render(join(conditions, fragment` or `)).text).toBe('a = $1 or b = $2');
    expect(render(join(conditions, fragment``)).text).toBe('a = $1b = $2');
  });

  it('binds what only looks like a fragment', () => {
    const { text, values } = render(fragment`select ${{ kind: 'identifier', text: 'x; drop table y' }}`);
    expect(text).toBe('select $1');
    expect(values).toEqual(['{"kind":"identifier","text":"x; drop table y"}']);
    expect(Fragment.read(JSON.parse('{"kind":"identifier","text":"x"}'))).toBeUndefined();
  });

  it.each<[string, () => unknown, RegExp]>([
    ['text instead of a template', () => fragment('select 1' as never), /written as a template/],
    [
      'an array that looks like a template',
      () => fragment(Object.assign(['select 1'], { raw: ['select 1'] }) as never),
      /written as a template/,
    ],
    ['undefined', () => render(fragment`select ${undefined}`), /Value 1 of the SQL/],
    ['an empty name', () => identifier(''), /at least one character/],
    ['a name with U+0000', () => identifier('a\0'), /U\+0000/],
    ['a name of more than 63 bytes', () => identifier('é'.repeat(32)), /at most 63 bytes/],
    ['no name', () => identifier(), /at least one name/],
    ['an empty list', () => join([]), /at least one fragment/],
    ['a list of texts', () => join(['a'] as never), /join accepts only fragments/],
    ['text as a separator', () => join([fragment`a`], ' or ' as never), /join accepts only fragments/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe("a caller's statement", () => {
  it('is made once for the same text and access', () => {
    const plan = (value: number, access?: 'read') =>
      compileRaw(fragment`select ${value}::int as n`, access).plan;
    expect(plan(1)).toBe(plan(2));
    expect(plan(1, 'read')).not.toBe(plan(1));
    expect(plan(1)).toMatchObject({ origin: 'raw', intent: 'write' });
    expect(plan(1, 'read').intent).toBe('read');
  });

  it.each<[string, Fragment, RegExp]>([
    [
      'a value in quotes',
      fragment`select '${'x'}'`,
      /Value 1 of the SQL is in a place where no parameter is allowed/,
    ],
    ['a value in a comment', fragment`select ${1} -- ${2}`, /Value 2/],
    ['a value in dollar quotes', fragment`select $$ ${1} $$`, /Value 1/],
    ['a value in a quoted name', fragment`select "${'a'}"`, /Value 1/],
    ['a value glued to a name', fragment`select a${1}`, /Value 1/],
    ['a value glued to a number behind it', fragment`select ${1}2`, /Value 1/],
    ['a parameter of its own', fragment`select ${1}, $2`, /contains a numbered parameter/],
    ['two statements', fragment`select 1; select 2`, /more than one statement/],
    [
      'a hidden second statement',
      fragment`select ';'; -- ;
      drop table x`,
      /more than one statement/,
    ],
    [
      'a second statement behind a comment that the old Mac line break ends',
      fragment`select 1; -- \r drop table x`,
      /more than one statement/,
    ],
    [
      'a second statement behind the body of a routine',
      fragment`create function f() returns int begin atomic select 1; end; drop table x`,
      /more than one statement/,
    ],
    ['nothing', fragment` -- nothing`, /no statement/],
  ])('refuses %s', (_, sql, message) => {
    expect(() => compileRaw(sql)).toThrow(message);
  });

  it('keeps its name for what ends it, and drops the semicolon', () => {
    expect(compileRaw(fragment`select 1; ; -- done`).plan.text).toBe('select 1');
  });

  it('keeps the semicolons of a body of begin atomic', () => {
    const sql = fragment`create function f() returns int begin atomic select case when true then 1 end; select 2; end;`;
    expect(compileRaw(sql).plan.text).toMatch(/ select 2; end$/);
  });

  it.each([
    [fragment`select 'never ends`],
    [fragment`select 1; /* never ends`],
    [fragment`select 1) ; (select 2`],
  ])('leaves to the server what is not closed', (sql) => {
    expect(compileRaw(sql).plan).toMatchObject({ text: render(sql).text, document: '' });
  });
});
