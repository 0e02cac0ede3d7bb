import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileRaw } from '../../src/consolidated/raw-sql/compile-raw.ts';
import { type Fragment, fragment } from '../../src/consolidated/raw-sql/fragment.ts';
import { splitStatements } from '../../src/ops/sql-statements.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';

const text = fc.string({ unit: fc.constantFrom(...`;;'"\\$-/*()ae \n\r`) });
const plain = text.map((value) => `'${value.replaceAll("'", "''")}'`);
const escaped = text.map((value) => value.replace(/[\\']/g, (character) => `\\${character}`));
const lineBreak = fc.constantFrom('\n', '\r', '\r\n', " -- it's;\n", ' -- ; \\\r\t', '\n -- a\n -- b\r ');
const lineEnd = fc.constantFrom('\n', '\r');
/** Texts that Postgres takes as one string. */
const string = fc.oneof(
  plain,
  fc.tuple(plain, lineBreak, plain).map((parts) => parts.join('')),
  escaped.map((value) => `e'${value}'`),
  fc.tuple(escaped, lineBreak, escaped).map(([a, between, b]) => `E'${a}'${between}'${b}'`),
  text.map((value) => `U&'${value.replaceAll('\\', '').replaceAll("'", "''")}'`),
  text.filter((value) => !value.includes('$')).map((value) => `$$${value}$$`),
  text.filter((value) => !value.includes('$')).map((value) => `$ä_1$${value}$$${value}$a$$ä_1$`),
);
const comment = fc.oneof(
  fc.tuple(text, lineEnd).map(([value, end]) => `--${value.replace(/[\n\r]/g, '')}${end}`),
  text.map((value) => `/*${value.replace(/[*/]/g, '')}/* ; ' */*/`),
  fc.constantFrom(' ', '\n', '\t', '\r\n'),
);
const query = fc
  .tuple(fc.array(fc.tuple(string, comment), { minLength: 1, maxLength: 4 }), text, comment)
  .map(([columns, name, last]) => {
    const list = columns.map(([value, between]) => `${value}${between}`).join(',');
    return `select ${list} as "n${name.replaceAll('"', '""').slice(0, 20)}" ${last}`;
  });
const routine = fc.tuple(string, comment).map(
  ([value, between]) => `create or replace function body() returns text begin atomic
    select case when true then ${value} ${between} end as end; select case ${value} when 'b;' then 'a' end; ${between} end`,
);
const statement = fc.oneof({ weight: 4, arbitrary: query }, { weight: 1, arbitrary: routine });
const script = fc
  .tuple(
    fc.array(fc.tuple(statement, fc.constantFrom(';', ' ;; ', ';-- ;\n')), { minLength: 1, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([statements, ended]) => {
    const whole = statements.flat();
    return (ended ? whole : whole.slice(0, -1)).join('');
  });

/** Any text as if it stood between backticks. */
function written(sql: string): Fragment {
  const strings = Object.freeze(Object.assign([sql], { raw: Object.freeze([sql]) }));
  return fragment(strings);
}

async function settled<T>(work: () => Promise<T> | T): Promise<T | { readonly code: unknown }> {
  try {
    return await work();
  } catch (error) {
    return { code: (error as { code?: unknown }).code };
  }
}

describe('where a statement ends', () => {
  let server: PGlite;
  const rows = async (sql: string) =>
    (await server.exec(sql, { rowMode: 'array' })).map((result) => result.rows);

  beforeAll(async () => {
    server = await createEmbeddedDatabase();
  });
  afterAll(() => server.close());

  it('is for migrations where it is for the server', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (sql) => {
        const parts = splitStatements(sql).filter(({ command }) => command !== '');
        const alone: unknown[] = [];
        for (const part of parts) alone.push(...(await rows(part.text)));
        expect(alone).toHaveLength(parts.length);
        expect(alone).toEqual(await rows(sql));
      }),
      { numRuns: 300 },
    );
  });

  it('is for raw SQL where it is for the server', async () => {
    const single = fc.array(statement, { minLength: 1, maxLength: 2 });
    const end = fc.constantFrom('', ';', '; ; ', ';-- ;\r');
    await fc.assert(
      fc.asyncProperty(single, end, async (statements, last) => {
        const sql = statements.join(';') + last;
        const theirs = await settled(() => server.query(sql));
        const ours = await settled(() => compileRaw(written(sql)));
        if (statements.length > 1) {
          // "cannot insert multiple commands into a prepared statement"
          expect([theirs, ours]).toMatchObject([{ code: '42601' }, { code: 'MULTIPLE_STATEMENTS' }]);
        } else {
          expect(theirs).toHaveProperty('rows');
          expect(ours).toHaveProperty('plan.text');
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['select 1 -- ;\r; select 2', 2],
    ['select 1 -- \n; select 2', 2],
    ["select e'a'\n'\\'; select 2; '", 1],
    ["select e'a'\r'\\'; select 2; '", 1],
    ["select 'a'\n'\\'; select 2", 2],
    ['select 1 /* /* */ ; */ ; select 2', 2],
    ['select $a$ $$;$$ $b$;$a$; select 2', 2],
    ['select 1 as a\u00a0; select 2 as \ufeff', 2],
    ['select 1 +--;\n 2; select 3', 2],
    [
      'create or replace function pg_temp.own() returns int begin atomic select 1 as end; select case when true then 1 end; end; select 2',
      2,
    ],
    [
      'create or replace function pg_temp.begin(begin int) returns int language sql as $$ select 1; $$; select 2',
      2,
    ],
  ])('is found in %j: %i', async (sql, count) => {
    expect(await rows(sql)).toHaveLength(count);
    expect(splitStatements(sql)).toHaveLength(count);
    const ours = await settled(() => compileRaw(written(sql)));
    expect('code' in ours ? ours.code : undefined).toBe(count > 1 ? 'MULTIPLE_STATEMENTS' : undefined);
  });

  it.each([
    'select 1; /* select 2',
    "select 1; select '2",
    'select 1; select $$2',
    "select 1; select e'2\\'",
  ])('is left to the server where it never comes: %j', async (sql) => {
    await expect(server.exec(sql)).rejects.toMatchObject({ code: '42601' });
    const open = splitStatements(sql).at(-1);
    await expect(server.exec(open?.command ?? '')).rejects.toMatchObject({ code: '42601' });
    expect(compileRaw(written(sql)).plan.text).toBe(sql);
  });
});
