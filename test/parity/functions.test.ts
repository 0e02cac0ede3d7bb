import { expect, it } from 'vitest';
import type { DatabaseHandle } from '../../src/index.ts';
import { describeFourModes } from './four-modes.ts';

const SQL = `
  create type mood as enum ('sad', 'ok');
  create type point2 as (x int, y numeric);
  create domain amount as numeric(10, 2);
  create table pairs (id int, p point2);
  create function same(v anyelement) returns anyelement language sql immutable as 'select v';
  create function sum_points(list point2[]) returns point2 language sql immutable
    as 'select row(sum(x)::int, sum(y))::point2 from unnest(list)';
  create function twice(inout n int) language sql immutable as 'select n * 2';
  create function one_column() returns table (n int) language sql immutable as 'select generate_series(1, 2)';
  create function no_rows() returns table (n int, t text) language sql immutable as 'select 1, ''x'' where false';
  create function set_of_points() returns setof point2 language sql immutable as 'values (1, 1.5), (null, null)';
  create function a_null_row() returns setof point2 language sql immutable as 'select null::point2';
  create function moods() returns mood[] language sql immutable as $$ select array['ok', 'sad']::mood[] $$;
  create function an_amount() returns amount language sql immutable as 'select 1.5::amount';
  create function big() returns bigint language sql immutable as 'select 9007199254740993';
  create function many(n int) returns setof int language sql immutable as 'select generate_series(1, n)';
  create function stamp() returns timestamptz language sql immutable as $$ select '2024-01-02 03:04:05+02'::timestamptz $$;
  create function bytes(b bytea) returns bytea language sql immutable return b;
  create function near(v extensions.vector) returns float8 language sql immutable set search_path = extensions as $$ select v <-> '[0,0]' $$;
  create function whole_row() returns pairs language sql immutable as 'select 1, row(2, 3)::point2';
  create function out_json(out a jsonb, out b json) language sql immutable as $$ select 'null'::jsonb, null::json $$;
  create function refuses(n int) returns int language plpgsql volatile as $$ begin insert into pairs values (n, null); perform 1 / n; return n; end $$;
  create procedure proc() language sql as 'select 1';
`;

type Case = readonly [name: string, run: (db: DatabaseHandle) => Promise<unknown>, expected: unknown];

const CASES: readonly Case[] = [
  ['a composite from an array of composites', (db) => db.rpc('sum_points', { list: [{ x: 1, y: 1.5 }, { x: 2, y: 2 }] }), { x: 3, y: 3.5 }], // biome-ignore format: one case a line
  ['an INOUT argument', (db) => db.rpc('twice', { n: 4 }), { n: 8 }],
  ['a table of one column', (db) => db.rpc('one_column'), [{ n: 1 }, { n: 2 }]],
  ['a table without rows', (db) => db.rpc('no_rows'), []],
  ['a set of composites, one of nulls', (db) => db.rpc('set_of_points'), [{ x: 1, y: 1.5 }, { x: null, y: null }]], // biome-ignore format: one case a line
  ['a set of a null composite', (db) => db.rpc('a_null_row'), [{ x: null, y: null }]],
  ['an array of an enum', (db) => db.rpc('moods'), ['ok', 'sad']],
  ['a domain', (db) => db.rpc('an_amount'), 1.5],
  ['a polymorphic argument, as text', (db) => db.rpc('same', { v: 'x' }), 'x'],
  ['a timestamp', (db) => db.rpc('stamp'), '2024-01-02T01:04:05+00:00'],
  ['bytes', (db) => db.rpc('bytes', { b: new Uint8Array([1, 255]) }), '\\x01ff'],
  ['a vector as an argument', (db) => db.rpc('near', { v: [3, 4] }), 5],
  ['a row that holds a composite', (db) => db.rpc('whole_row'), { id: 1, p: { x: 2, y: 3 } }],
  ['json null and SQL null in OUT arguments', (db) => db.rpc('out_json'), { a: null, b: null }],
  ['a set of 10,000', async (db) => ((await db.rpc('many', { n: 10_000 })) as number[]).length, 10_000],
];

describeFourModes('functions answer alike in every mode', SQL, (modes) => {
  it.each(CASES)('%s', async (_name, run, expected) => {
    expect(await modes.alike(run)).toStrictEqual(expected);
  });

  it('a number that is too large is refused, or a string', async () => {
    expect(await modes.alikeError((db) => db.rpc('big'))).toMatchObject({ code: 'NUMBER_TOO_LARGE' });
    expect(await modes.alike((db) => db.rpc('big'), { largeNumbers: 'string' })).toBe('9007199254740993');
  });

  it('a write that fails in the middle leaves nothing', async () => {
    expect(await modes.alikeError((db) => db.rpc('refuses', { n: 0 }))).toMatchObject({
      sqlState: '22012',
      outcome: 'not-applied',
    });
    expect(await modes.alike((db) => db.count('pairs'))).toBe(0);
  });

  it('a procedure and an aggregate are refused', async () => {
    expect(await modes.alikeError((db) => db.rpc('proc'))).toMatchObject({ code: 'NOT_A_FUNCTION' });
  });

  it.each<[string, Record<string, unknown>]>([
    ['another argument', { m: 1 }],
    ['no argument', {}],
    ['one argument too many', { n: 1, m: 2 }],
  ])('%s is refused', async (_name, args) => {
    expect(await modes.alikeError((db) => db.rpc('twice', args))).toMatchObject({ code: 'UNKNOWN_FUNCTION' });
  });
});
