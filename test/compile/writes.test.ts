import { expect, it } from 'vitest';
import { compileDelete } from '../../src/consolidated/compile/delete.ts';
import { compileInsert } from '../../src/consolidated/compile/insert.ts';
import { compileSelect } from '../../src/consolidated/compile/select.ts';
import { compileUpdate } from '../../src/consolidated/compile/update.ts';
import { compileUpsert } from '../../src/consolidated/compile/upsert.ts';
import { op } from '../../src/consolidated/filters/operator.ts';
import { failedExpectation } from '../../src/contract/expectation.ts';
import { describeDatabases } from './compile-database.ts';

const WIDE = Array.from({ length: 120 }, (_, index) => `c${index} int`).join(', ');

const SQL = `
  create type mood as enum ('sad', 'ok');
  create type pair as (x int, y text);
  create domain positive as int check (value > 0);
  create table items (
    id int primary key, name text not null default 'nobody', email text unique, mood mood, tags text[], grid int[][],
    meta jsonb, price numeric(10, 2), raw bytea, at timestamptz, pair pair, vec extensions.vector(3), size positive,
    short varchar(5), loud text generated always as (upper(name)) stored
  );
  create table notes (id bigint generated always as identity primary key, body text, kind text not null default 'plain');
  create table members (club int, person int, role text not null default 'guest', primary key (club, person));
  create table wide (id int primary key, ${WIDE});
  create table plain (a int default 1, b int default 2);
  create table logs (line text);
  insert into logs values ('a'), ('b'), ('c');
  insert into items (id, name, email) values (1, 'one', 'a@x'), (2, 'two', 'b@x'), (3, 'three', null);
  create view names as select id, name from items;
  create materialized view frozen as select 1 as one;
`;

async function thrownBy(run: () => Promise<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was to fail');
}

describeDatabases('writes', SQL, (database) => {
  const everything = {
    id: 10,
    name: 'te"n, {x}\\',
    email: null,
    mood: 'ok',
    tags: ['a,b', 'c"d', '', 'NULL', null],
    grid: [
      [1, 2],
      [3, 4],
    ],
    meta: { deep: ['\\', '"', { x: null }] },
    price: '12345678.90',
    raw: new Uint8Array([0, 255, 92]),
    at: '2024-05-06T07:08:09.123456Z',
    pair: { x: 1, y: 'a,"b"' },
    vec: [0.5, 1, -2],
    size: 3,
    short: 'abcde',
  };
  const read = {
    ...everything,
    raw: '\\x00ff5c',
    price: 12345678.9,
    at: '2024-05-06T07:08:09.123456+00:00',
    vec: '[0.5,1,-2]',
    loud: 'TE"N, {X}\\',
  };

  it('inserts one row and returns it as the database has it', async () => {
    const { rows } = await database.write(compileInsert(database.context(), 'items', everything));
    expect(rows).toEqual([read]);
  });

  it('inserts many rows with the same values as one row, in the order given', async () => {
    const rows = [3, 1, 2].map((n) => ({ ...everything, id: 10 + n }));
    const written = await database.write(compileInsert(database.context(), 'items', rows));
    expect(written.rows).toEqual([3, 1, 2].map((n) => ({ ...read, id: 10 + n })));
  });

  it('inserts 10,000 rows in one statement and returns them in order', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      id: 20_000 - index,
      name: `n${index}`,
      tags: [`t${index}`],
    }));
    const compiled = compileInsert(database.context(), 'items', rows, { returning: ['id', 'name', 'tags'] });
    expect(compiled.statement.values).toHaveLength(3);
    expect((await database.write(compiled)).rows).toEqual(rows);
  });

  it('inserts more columns than a function takes arguments', async () => {
    const row = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`c${index}`, index]));
    const rows = [1, 2].map((id) => ({ id, ...row }));
    expect((await database.write(compileInsert(database.context(), 'wide', rows))).rows).toEqual(rows);
    const expected = compileInsert(database.context(), 'wide', rows, { expect: 2 });
    expect((await database.write(expected)).rows).toEqual(rows);
  });

  it('gives absent columns their default', async () => {
    const one = await database.write(
      compileInsert(database.context(), 'items', { id: 7, name: undefined }, { returning: ['name', 'loud'] }),
    );
    expect(one.rows).toEqual([{ name: 'nobody', loud: 'NOBODY' }]);
    const many = compileInsert(database.context(), 'items', [{ id: 7 }, { id: 8, email: 'e' }], {
      returning: ['id', 'name', 'email'],
    });
    expect((await database.write(many)).rows).toEqual([
      { id: 7, name: 'nobody', email: null },
      { id: 8, name: 'nobody', email: 'e' },
    ]);
    expect((await database.write(compileInsert(database.context(), 'plain', {}))).rows).toEqual([
      { a: 1, b: 2 },
    ]);
    expect(
      (
        await database.write(
          compileInsert(database.context(), 'notes', [{}, {}], { returning: ['body', 'kind'] }),
        )
      ).rows,
    ).toEqual([
      { body: null, kind: 'plain' },
      { body: null, kind: 'plain' },
    ]);
  });

  it('inserts no rows', async () => {
    expect(await database.write(compileInsert(database.context(), 'items', []))).toMatchObject({
      rows: [],
      count: 0,
    });
    expect(await database.write(compileInsert(database.context(), 'plain', [], { expect: 0 }))).toMatchObject(
      { count: 0 },
    );
  });

  it('inserts without returning', async () => {
    const one = compileInsert(database.context(), 'notes', { body: 'x' }, { returning: false });
    expect(await database.write(one)).toEqual({ rows: [], count: 1, total: undefined });
    const many = compileInsert(database.context(), 'notes', [{ body: 'x' }, { body: null }], {
      returning: false,
    });
    expect(await database.write(many)).toMatchObject({ rows: [], count: 2 });
  });

  it('writes through a view', async () => {
    expect(
      (
        await database.write(
          compileUpdate(database.context(), 'names', { name: 'uno' }, { filters: { id: 1 } }),
        )
      ).rows,
    ).toEqual([{ id: 1, name: 'uno' }]);
  });

  it('keeps the length that a column states', async () => {
    const tooLong = compileInsert(database.context(), 'items', { id: 9, short: 'abcdef' });
    await expect(database.typed(tooLong)).rejects.toMatchObject({ code: '22001' });
    const many = compileInsert(database.context(), 'items', [{ id: 9, short: 'abcdef' }]);
    await expect(database.typed(many)).rejects.toMatchObject({ code: '22001' });
    const domain = compileInsert(database.context(), 'items', [{ id: 9, size: -1 }]);
    await expect(database.typed(domain)).rejects.toMatchObject({ code: '23514' });
  });

  it('upserts by the primary key', async () => {
    const rows = [
      { id: 2, name: 'zwei' },
      { id: 5, name: 'fünf' },
    ];
    const written = await database.write(
      compileUpsert(database.context(), 'items', rows, { returning: ['id', 'name', 'email'] }),
    );
    expect(written.rows).toEqual([
      { id: 2, name: 'zwei', email: 'b@x' },
      { id: 5, name: 'fünf', email: null },
    ]);
  });

  it('upserts one row by another unique key', async () => {
    const row = { id: 1, email: 'a@x', name: 'eins' };
    const options = { onConflict: 'email', update: ['name'], returning: ['id', 'name'] };
    expect((await database.write(compileUpsert(database.context(), 'items', row, options))).rows).toEqual([
      { id: 1, name: 'eins' },
    ]);
  });

  it('upserts rows that are nothing but their key', async () => {
    await database.write(compileUpsert(database.context(), 'members', [{ club: 1, person: 1 }]), async () => {
      const again = await database.typed(
        compileUpsert(database.context(), 'members', [
          { club: 1, person: 1 },
          { club: 1, person: 2 },
        ]),
      );
      expect(again.rows).toHaveLength(2);
      const flipped = compileUpsert(
        database.context(),
        'members',
        { club: 1, person: 2, role: 'host' },
        { onConflict: ['person', 'club'] },
      );
      expect((await database.typed(flipped)).rows).toEqual([{ club: 1, person: 2, role: 'host' }]);
    });
  });

  it('leaves duplicates alone when asked to', async () => {
    const rows = [
      { id: 1, name: 'x' },
      { id: 6, name: 'six' },
    ];
    const compiled = compileUpsert(database.context(), 'items', rows, {
      ignoreDuplicates: true,
      returning: ['id', 'name'],
    });
    expect((await database.write(compiled)).rows).toEqual([{ id: 6, name: 'six' }]);
    expect(
      (
        await database.write(
          compileUpsert(database.context(), 'items', rows, { ignoreDuplicates: true, returning: false }),
        )
      ).count,
    ).toBe(1);
  });

  it('updates what matches, to null too', async () => {
    const compiled = compileUpdate(
      database.context(),
      'items',
      { email: null, meta: null, tags: [] },
      { filters: [{ id: op.in([1, 2]) }], returning: ['id', 'email', 'tags'] },
    );
    const { rows } = await database.write(compiled);
    expect([...rows].sort((a, b) => Number(a.id) - Number(b.id))).toEqual([
      { id: 1, email: null, tags: [] },
      { id: 2, email: null, tags: [] },
    ]);
    expect(
      await database.write(
        compileUpdate(database.context(), 'items', { name: 'x' }, { all: true, returning: false }),
      ),
    ).toMatchObject({ count: 3 });
  });

  it('deletes what matches', async () => {
    expect(
      (
        await database.write(
          compileDelete(database.context(), 'items', { filters: { id: 1 }, returning: ['id'] }),
        )
      ).rows,
    ).toEqual([{ id: 1 }]);
    expect(
      (await database.write(compileDelete(database.context(), 'logs', { all: true, returning: false })))
        .count,
    ).toBe(3);
    expect(
      (await database.write(compileDelete(database.context(), 'items', { filters: { id: 99 } }))).rows,
    ).toEqual([]);
  });

  it.each<[string, boolean | string[], number, number]>([
    ['more rows than expected', true, 1, 3],
    ['fewer rows than expected', true, 4, 3],
    ['no rows where one was expected', ['line'], 1, 0],
    ['more rows than expected, not returned', false, 1, 3],
    ['no rows where one was expected, not returned', false, 1, 0],
  ])('fails and changes nothing when there are %s', async (_, returning, expected, touched) => {
    const scope = touched === 0 ? { filters: { line: 'nope' } } : { all: true };
    const compiled = compileDelete(database.context(), 'logs', { ...scope, returning, expect: expected });
    for (const run of [() => database.typed(compiled), () => database.document(compiled)]) {
      const { code, message } = await thrownBy(run);
      expect(failedExpectation(code, message)).toEqual({
        kind: 'count',
        touched: `${touched}`,
        expected: `${expected}`,
      });
    }
    expect((await database.typed(compileSelect(database.context(), 'logs'))).rows).toHaveLength(3);
  });

  it.each<[boolean | string[]]>([[true], [['line']], [false]])(
    'answers as ever when the expectation holds (returning: %j)',
    async (returning) => {
      const compiled = compileDelete(database.context(), 'logs', { all: true, returning, expect: 3 });
      const { rows, count } = await database.write(compiled);
      expect(count).toBe(3);
      expect(rows).toEqual(returning === false ? [] : [{ line: 'a' }, { line: 'b' }, { line: 'c' }]);
      const none = compileDelete(database.context(), 'logs', {
        filters: { line: 'nope' },
        returning,
        expect: 0,
      });
      expect(await database.write(none)).toMatchObject({ rows: [], count: 0 });
    },
  );

  it('lets a caller write who may not read', async () => {
    await database.exec('begin');
    try {
      await database.exec(`
        create role cdb_test_writer; grant usage on schema public, extensions to cdb_test_writer;
        grant insert on logs to cdb_test_writer; grant cdb_test_writer to current_user; set local role cdb_test_writer;
      `);
      const options = { returning: false, expect: 2 };
      const rows = [{ line: 'x' }, { line: 'y' }];
      for (const compiled of [
        compileInsert(database.context(), 'logs', rows, options),
        compileInsert(database.context(), 'logs', rows, { returning: false }),
      ]) {
        expect((await database.typed(compiled)).count).toBe(2);
        expect((await database.document(compiled)).count).toBe(2);
      }
    } finally {
      await database.exec('rollback');
    }
  });
});
