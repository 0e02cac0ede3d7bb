import { describe, expect, it } from 'vitest';
import { scan } from './scan.ts';

const texts = (sql: string) => scan(sql)?.map(({ text }) => text);

describe('the scanner', () => {
  it.each<[string, string[]]>([
    ["select 'a''b' , e'\\'' , U&'x' ;", ['select', "'a''b'", ',', "'\\''", ',', 'u', '&', "'x'", ';']],
    ['a"b""c"$1::int', ['a', '"b""c"', '1', ':', ':', 'int']],
    ['$tag$ $$ ; $tag$ x $$y$$', ['$', 'x', '$']],
    ['1.5e3 x$1 ä', ['1.5e3', 'x$1', 'ä']],
    ['a -- b\nc /* d /* e */ f */ g', ['a', 'c', 'g']],
    ['', []],
  ])('takes %j apart', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it('counts parentheses', () => {
    expect(scan('a (b (c)) d')?.map(({ text, depth }) => `${text}${depth}`)).toEqual([
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

  it.each(["'x", '"x', '/* x', '$a$ x', '(x', 'x)'])('gives up on %j', (sql) => {
    expect(scan(sql)).toBeUndefined();
  });

  it('reads long texts in one go', () => {
    const sql = `select '${"x''".repeat(300_000)}', /*${'/* */'.repeat(100_000)}*/ 1`;
    expect(scan(sql)).toHaveLength(4);
  });
});
