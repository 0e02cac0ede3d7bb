import { expect, it } from 'vitest';
import { compileRpc } from '../../src/consolidated/compile/rpc.ts';
import { describeDatabases } from './compile-database.ts';

const SQL = `
  create type mood as enum ('sad', 'ok');
  create table people (id int primary key, name text, gone int, big int8);
  alter table people drop column gone;
  insert into people values (1, 'ann', 10), (2, 'bob', 20);
  create function add_up(a int, b int default 10) returns int immutable language sql as 'select a + b';
  create function shout(said text) returns text stable language sql as $$ select 'text ' || said $$;
  create function shout(said text, times int) returns text stable language sql as $$ select repeat(said, times) $$;
  create function twice(n int) returns text stable language sql as $$ select 'int' $$;
  create function twice(n text) returns text stable language sql as $$ select 'text' $$;
  create function names(part text default '') returns setof text stable language sql as $$ select name from people where name like part || '%' order by id desc $$;
  create function person(which int) returns people stable language sql as 'select * from people where id = which';
  create function all_people() returns setof people stable language sql as 'select * from people order by id desc';
  create function pairs() returns table (x int, "Y z" int8) stable language sql as 'values (1, 2::int8), (3, 4)';
  create function singles() returns table (x int) stable language sql as 'values (1), (3)';
  create function out_two(a int, out b int, out c text) language sql as $$ select a, 'c' $$;
  create function out_one(a int, out b int) language sql as 'select a + 1';
  create function total(variadic parts int[]) returns int immutable language sql as 'select sum(p)::int from unnest(parts) p';
  create function nothing() returns void language sql as '';
  create function write_down(who text) returns int language sql as $$ insert into people values (3, who, 0) returning id $$;
  create function same(what anyelement) returns anyelement immutable language sql as 'select what';
  create function as_json(what jsonb, how mood) returns jsonb immutable language sql as $$ select jsonb_build_object('what', what, 'how', how) $$;
  create function anything() returns record language sql as 'select 1, 2';
  create function unnamed(int) returns int language sql as 'select $1';
  create procedure run(a int) language sql as '';
  create aggregate summed(int) (sfunc = int4pl, stype = int);
`;

describeDatabases('rpc', SQL, (database) => {
  const call = async (name: string, args?: unknown) => {
    const compiled = compileRpc(database.context(), name, args);
    return { shape: compiled.rpc, kind: compiled.kind, rows: (await database.write(compiled)).rows };
  };

  it.each<[string, Record<string, unknown> | undefined, string, unknown[]]>([
    ['add_up', { a: 1, b: 2 }, 'value', [{ add_up: 3 }]],
    ['add_up', { a: 1 }, 'value', [{ add_up: 11 }]],
    ['add_up', { a: 1, b: undefined }, 'value', [{ add_up: 11 }]],
    ['add_up', { b: 1, a: null }, 'value', [{ add_up: null }]],
    ['shout', { said: 'x' }, 'value', [{ shout: 'text x' }]],
    ['shout', { said: 'x', times: 3 }, 'value', [{ shout: 'xxx' }]],
    ['names', undefined, 'values', [{ names: 'bob' }, { names: 'ann' }]],
    ['names', { part: 'a' }, 'values', [{ names: 'ann' }]],
    ['person', { which: 2 }, 'row', [{ id: 2, name: 'bob', big: 20 }]],
    [
      'all_people',
      {},
      'rows',
      [
        { id: 2, name: 'bob', big: 20 },
        { id: 1, name: 'ann', big: 10 },
      ],
    ],
    [
      'pairs',
      {},
      'rows',
      [
        { x: 1, 'Y z': 2 },
        { x: 3, 'Y z': 4 },
      ],
    ],
    ['singles', {}, 'rows', [{ x: 1 }, { x: 3 }]],
    ['out_two', { a: 5 }, 'row', [{ b: 5, c: 'c' }]],
    ['out_one', { a: 5 }, 'row', [{ b: 6 }]],
    ['total', { parts: [1, 2, 3] }, 'value', [{ total: 6 }]],
    ['nothing', {}, 'void', [{ nothing: null }]],
    ['write_down', { who: 'x' }, 'value', [{ write_down: 3 }]],
    ['same', { what: 'x' }, 'value', [{ same: 'x' }]],
    ['as_json', { what: [1, 'a'], how: 'ok' }, 'value', [{ as_json: { what: [1, 'a'], how: 'ok' } }]],
  ])('calls %s with %j', async (name, args, shape, rows) => {
    const result = await call(name, args);
    expect(result.rows).toEqual(rows);
    expect(result.shape).toBe(shape);
  });

  it('reads with stable and immutable functions and writes with volatile ones', async () => {
    expect(compileRpc(database.context(), 'names').kind).toBe('rpc.read');
    expect(compileRpc(database.context(), 'add_up', { a: 1 }).statement.plan.intent).toBe('read');
    expect(compileRpc(database.context(), 'write_down', { who: 'x' }).kind).toBe('rpc.write');
    expect(compileRpc(database.context(), 'nothing').statement.plan.intent).toBe('write');
  });

  it.each<[string, unknown, RegExp]>([
    ['name', {}, /no function "name".*Did you mean "names"/],
    ['add_up', {}, /accepts a call without arguments.*add_up\(a integer, b integer = default\)/],
    ['add_up', { a: 1, c: 2 }, /accepts the arguments "a", "c"/],
    ['twice', { n: 1 }, /match several functions.*twice\(n integer\); twice\(n text\)/],
    ['unnamed', { '': 1 }, /accepts the arguments/],
    ['run', { a: 1 }, /is a procedure/],
    ['summed', {}, /is an aggregate/],
    ['anything', {}, /record with unknown columns/],
    ['add_up', [1], /plain object/],
    ['add_up', { a: 1.5 }, /argument "a" of "add_up" must be a whole number/],
    ['add_up', { a: 1, ['__proto__']: 2 }, /accepts the arguments/],
  ])('refuses %s with %j', (name, args, message) => {
    expect(() => compileRpc(database.context(), name, args)).toThrow(message);
  });

  it('bounds a set', async () => {
    const compiled = compileRpc(database.context({ maxRows: 1 }), 'names');
    await expect(database.document(compiled, 1)).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' });
  });
});
