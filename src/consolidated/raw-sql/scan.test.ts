import { describe, expect, it } from 'vitest';
import { scan } from './scan.ts';

const texts = (sql: string) => scan(sql).tokens.map(({ text }) => text);

describe('the scanner', () => {
  it.each<[string, string[]]>([
    ["select 'a''b' , e'\\'' , U&'x' ;", ['select', "'a''b'", ',', "e'\\''", ',', 'u', '&', "'x'", ';']],
    ['a"b""c"$1::int', ['a', '"b""c"', '1', ':', ':', 'int']],
    ['$tag$ $$ ; $tag$ x $$y$$', ['$tag$ $$ ; $tag$', 'x', '$$y$$']],
    ['1.5e3 x$1 ä', ['1.5e3', 'x$1', 'ä']],
    ['a -- b\nc /* d /* e */ f */ g', ['a', 'c', 'g']],
    ['a -- b\rc -- d\r\ne', ['a', 'c', 'e']],
    ['a\u00a0b\ufeff\u2028c d', ['a\u00a0b\ufeff\u2028c', 'd']],
    ["e'a'\n  '\\'' b", ["e'a'\n  '\\''", 'b']],
    ["e'a' -- it's\r'\\'' b", ["e'a' -- it's\r'\\''", 'b']],
    ["e'a' '\\' b", ["e'a'", "'\\'", 'b']],
    ["e'a' /* c */ \n '\\' b", ["e'a'", "'\\'", 'b']],
    ["'a'\n'\\' b", ["'a'", "'\\'", 'b']],
    ["U&'a'\n'\\' b", ['u', '&', "'a'", "'\\'", 'b']],
    ['', []],
  ])('takes %j apart', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
    expect(scan(sql).closed).toBe(true);
  });

  it('counts parentheses', () => {
    expect(scan('a (b (c)) d').tokens.map(({ text, depth }) => `${text}${depth}`)).toEqual([
      'a0',
      '(0',
      'b1',
      '(1',
      'c2',
      ')1',
      ')0',
      'd0',
    ]);
  });

  it.each(["'x", '"x', '/* x', '$a$ x', "e'x\\'", "e'a'\n'x", '(x', 'x)', 'x) (y'])(
    'says that %j is not closed',
    (sql) => {
      expect(scan(sql).closed).toBe(false);
    },
  );

  it('keeps what is not closed as one token to the end', () => {
    expect(texts('a; /* b; c')).toEqual(['a', ';', '/* b; c']);
    expect(texts("a; 'b; c")).toEqual(['a', ';', "'b; c"]);
  });

  it('reads long texts in one go', () => {
    const sql = `select '${"x''".repeat(300_000)}', e'${"\\'".repeat(300_000)}', /*${'/* */'.repeat(100_000)}*/ 1`;
    expect(scan(sql).tokens).toHaveLength(6);
  });
});
