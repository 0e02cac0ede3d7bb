import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineAt, splitStatements } from './sql-statements.ts';

const texts = (sql: string): readonly string[] => splitStatements(sql).map((statement) => statement.text);

describe('splitStatements', () => {
  it('splits at semicolons and leaves empty statements out', () => {
    expect(texts('select 1; select 2 ;; \n;')).toEqual(['select 1', 'select 2']);
  });

  it('keeps lone comments and says that there is nothing to run', () => {
    const statements = splitStatements('-- a\n; /* b */; select 1; -- end');
    expect(statements.map(({ text, command }) => [text, command])).toEqual([
      ['-- a', ''],
      ['/* b */', ''],
      ['select 1', 'select 1'],
      ['-- end', ''],
    ]);
  });

  it('takes the last statement without its semicolon', () => {
    expect(texts('select 1;\nselect 2')).toEqual(['select 1', 'select 2']);
  });

  it('keeps the comment above a statement with it, and tells the command apart', () => {
    const sql = '-- why\r/* and /* how */ */ select 1 -- so';
    expect(splitStatements(`${sql}\n;`)).toMatchObject([{ text: sql, command: 'select 1 -- so' }]);
  });

  it('takes from around a statement only what is space for Postgres', () => {
    expect(texts('\f\v select 1 as a\u00a0;\r\n\ufeffb')).toEqual(['select 1 as a\u00a0', '\ufeffb']);
  });

  it('hands on a comment that does not end, for the server to refuse', () => {
    expect(splitStatements('select 1; /* select 2;')).toMatchObject([{}, { command: '/* select 2;' }]);
  });

  it.each([
    ['a string', "select 'a;b'"],
    ['a doubled quote', "select 'it''s; fine'"],
    ['a backslash that is no escape', "select 'c:\\', ';'"],
    ['an escape string', "select E'it\\'s; \\\\', e'\\'';"],
    ['an escape string that goes on in the next line', "select E'a'\n  '\\';'"],
    ['an escape string that goes on behind a comment', "select E'a' -- note\n '\\';'"],
    ['a Unicode string', "select U&'d\\0061t;a'"],
    ['a word that ends in e before a string', "select date'2020-01-01', type '\\'"],
    ['a quoted identifier', 'select 1 as "a;""b"'],
    ['a dollar quote', 'select $$;$$'],
    ['a tagged dollar quote with another inside', 'select $a$ $$;$$ $b$ $a$'],
    ['a tag beyond ASCII', 'select $été$;$été$'],
    ['an identifier with dollars', 'select a$b$ from c$b$'],
    ['a parameter beside a dollar quote', 'select $1, $$;$$'],
    ['a line comment', 'select 1 -- ;\n + 1'],
    ['a quote in a line comment', "select 1 -- it's\n + 1"],
    ['a comment that ends with the old Mac line break', 'select 1 -- ;\r + 1'],
    ['a comment in a comment', "select 1 /* ; /* ' */ ; */ + 1"],
    ['an operator before a comment', 'select 1 +/* ; */ 2'],
    ['a rule of two commands', 'create rule r as on insert to t do instead (select 1; select 2)'],
    [
      'a function body in a dollar quote',
      'create function f() returns int language sql as $f$ select 1; $f$',
    ],
    [
      'a function body with begin atomic',
      'create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end',
    ],
    [
      'a function body with names that are case and end',
      'create function f() returns int begin atomic select 1 as end; select t.case from t; select 2; end',
    ],
    [
      'a routine whose parameter is called begin',
      "create function f(begin int) returns int as ';' language sql",
    ],
    ['a routine called begin', "create function begin() returns int as ';' language sql"],
    ['a procedure body', 'CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC insert into t values (1); END'],
    ['begin as a column name', 'create view v as select 1 as "begin"'],
  ])('does not split inside %s', (_what, sql) => {
    const whole = sql.replace(/;$/, '');
    expect(texts(`${whole};\nselect 2`)).toEqual([whole, 'select 2']);
  });

  it('lets begin start a transaction where no routine is defined', () => {
    expect(texts('begin; create table "case" (a int); end;')).toEqual([
      'begin',
      'create table "case" (a int)',
      'end',
    ]);
  });

  it('takes what is not closed to the end', () => {
    for (const open of ["'a;", '"a;', '$$a;', '/* a;', "E'a\\';", '(;'])
      expect(texts(`select ${open}b`)).toHaveLength(1);
  });

  it('knows the line on which each statement starts, and its leading words', () => {
    const sql = '\n-- first\nselect 1;\n\n\n  CREATE or Replace View v as select 1;';
    expect(splitStatements(sql).map(({ line, words }) => ({ line, words }))).toEqual([
      { line: 2, words: ['select'] },
      { line: 6, words: ['create', 'or', 'replace', 'view'] },
    ]);
  });

  it('finds again what was joined, whatever the pieces are', () => {
    const quoted = fc.string({ unit: 'binary' });
    const literal = fc.oneof(
      quoted.map((text) => `'${text.replaceAll("'", "''")}'`),
      quoted.map((text) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`),
      quoted.map((text) => `"${text.replaceAll('"', '""')}"`),
      quoted
        .filter((text) => !text.includes('$q$'))
        .map((text) => `$q$${text.endsWith('$') ? `${text} ` : text}$q$`),
      quoted.map((text) => `/*${text.replaceAll('/*', '').replaceAll('*/', '').replace(/[*/]/g, '')}*/`),
      quoted.map((text) => `--${text.replace(/[\n\r]/g, '')}\n`),
      fc.constantFrom('(;)', '(a;(b;))', 'x', '1.5', '$1', '::', 'a$b$', '=', '\n', '\t'),
    );
    const statement = fc
      .array(literal, { maxLength: 8 })
      .map((pieces) => `select ${pieces.join(' ')} end_of_it`);
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 6 }), (statements) => {
        expect(texts(statements.join(';\n'))).toEqual(statements);
      }),
      { numRuns: 2_000 },
    );
  });

  it('loses nothing but space and semicolons', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`';"$aeE(-)/* \n\\q`) }), (sql) => {
        const joined = texts(sql).join('');
        expect([...joined].filter((c) => c !== ';' && c.trim() !== '').length).toBeLessThanOrEqual(
          [...sql].filter((c) => c !== ';' && c.trim() !== '').length,
        );
        let from = 0;
        for (const text of texts(sql)) {
          const at = sql.indexOf(text, from);
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + text.length;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('lineAt', () => {
  it('counts line breaks before the offset', () => {
    expect([0, 1, 2, 3, 4].map((offset) => lineAt('a\nb\nc', offset))).toEqual([1, 1, 2, 2, 3]);
  });
});
