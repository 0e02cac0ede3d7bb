import { describe, expect, it } from 'vitest';
import type { Plan, Statement } from '../../contract/statement.ts';
import { compileRaw } from '../raw-sql/compile-raw.ts';
import { fragment } from '../raw-sql/fragment.ts';
import { keyedStatement } from './keyed-plan.ts';

function statement(document: string, values: readonly string[]): Statement {
  const plan: Plan = { text: 'text', document, name: 'name', intent: 'write', origin: 'compiled' };
  return { plan, values };
}

describe('a statement with a key', () => {
  it('keeps its document without the nonce, and binds the key behind its values', () => {
    const { plan, values } = statement(
      'with w(c0) as (insert into "t" as t ("a") values ($1::int4) returning "a") select json_build_array($2::text, array(select json_build_array(w.c0) from w), $2::text)::text',
      ['7'],
    );
    const keyed = keyedStatement({ plan, values }, 'the key');
    expect(keyed?.plan.document).toBe(
      'with w(c0) as (insert into "t" as t ("a") values ($1::int4) returning "a") select cdb.keep_result($2::text, json_build_array(array(select json_build_array(w.c0) from w))::text, $3::text)',
    );
    expect(keyed?.values).toEqual(['7', 'the key']);
    expect(keyed?.plan).toMatchObject({ text: 'text', answersDocument: true });
    expect(keyedStatement({ plan, values: ['8'] }, 'other')?.plan).toBe(keyed?.plan);
  });

  it('is told from names that look like its own end', () => {
    const name = '", json_build_array($2::text, x, $2::text)::text "" $2::text';
    const document = `with w as (insert into "${name.replaceAll('"', '""')}" values ($1) returning 1) select json_build_array($2::text, count(*), null::json, $2::text)::text from w`;
    const keyed = keyedStatement(statement(document, ['7']), 'k');
    expect(keyed?.plan.document).toBe(
      document.replace(
        /json_build_array\(\$2::text, count\(\*\), null::json, \$2::text\)::text/,
        'cdb.keep_result($2::text, json_build_array(count(*), null::json)::text, $3::text)',
      ),
    );
  });

  it.each([
    ['a query', fragment`select ${1}::int as a`],
    ['a write', fragment`insert into t values (${1}, ${2})`],
    ['a write that returns', fragment`update t set a = ${1} returning *`],
    ['a WITH that writes', fragment`with x as (delete from t returning *) select * from x where a = ${1}`],
  ])('may be raw SQL: %s', (_what, sql) => {
    const raw = compileRaw(sql);
    const keyed = keyedStatement(raw, 'k');
    const nonce = raw.values.length + 2;
    expect(keyed?.plan.document).toContain(`select cdb.keep_result($${nonce - 1}::text, json_build_array(`);
    expect(keyed?.plan.document).toContain(`)::text, $${nonce}::text)`);
  });

  it('is none without a document form', () => {
    expect(keyedStatement(compileRaw(fragment`create table t ()`), 'k')).toBeUndefined();
  });

  it('throws where a document has another form', () => {
    for (const document of ['select $1::text', 'select json_build_array($1::text, 1)::text']) {
      expect(() => keyedStatement(statement(document, []), 'k')).toThrow('another form');
    }
  });
});
