import { expect, it } from 'vitest';
import { compileCount } from '../../src/consolidated/compile/count.ts';
import { compileSelect } from '../../src/consolidated/compile/select.ts';
import { op } from '../../src/consolidated/filters/operator.ts';
import { path } from '../../src/consolidated/filters/path.ts';
import { describeDatabases } from './compile-database.ts';

const WIDE = Array.from({ length: 130 }, (_, index) => `c${index} int default ${index}`).join(', ');

const SQL = `
  create type mood as enum ('sad', 'ok', 'glad');
  create domain short as varchar(20);
  create table items (
    id int primary key, name text, mood mood, price numeric, tags text[], meta jsonb, old json, during int4range,
    ok boolean, at timestamptz, code char(3), short short, words tsvector, big int8, grid int[][]
  );
  insert into items values
    (1, 'one', 'sad', 1.50, '{a,b}', '{"from": "Lisbon", "n": 7, "list": [1, {"k": "v"}]}', '{"x": 1}', '[1,5)', true, '2024-01-01', 'abc', 's1', 'cat hat', 9007199254740991, '{{1,2},{3,4}}'),
    (2, 'two', 'ok', 2, '{b}', '{"from": "Porto", "n": 12}', null, '[5,9)', false, '2024-01-02', 'abd', 's2', 'dog', 2, null),
    (3, 'three', null, null, '{}', 'null', null, null, null, null, null, null, null, null, null),
    (4, 'f%ur_"\\', 'glad', 'NaN', null, '[]', null, '[20,30)', true, 'infinity', 'x', '', 'cat', -4, '{{5,6}}');
  create table wide (id int primary key, ${WIDE});
  insert into wide (id) select generate_series(1, 5);
  create table nothing ();
  insert into nothing default values;
  insert into nothing default values;
  create table pages (id int primary key, a int, b text, c int not null);
  insert into pages select i, case when i % 4 = 0 then null else i % 3 end, case when i % 5 = 0 then null else 'b' || i % 2 end, i % 6
  from generate_series(1, 60) as i;
  create view titles as select id, name from items;
  analyze items; analyze pages;
`;

describeDatabases('reads', SQL, (database) => {
  const ids = async (filters: unknown): Promise<unknown[]> => {
    const result = await database.read(
      compileSelect(database.context(), 'items', { columns: ['id'], filters, orderBy: 'id' }),
    );
    return result.rows.map(({ id }) => id);
  };

  it('answers with all columns of all rows alike in both forms', async () => {
    const { rows } = await database.read(compileSelect(database.context(), 'items', { orderBy: 'id' }));
    expect(rows[0]).toMatchObject({ id: 1, price: 1.5, tags: ['a', 'b'], big: 9007199254740991 });
    expect(rows[2]).toMatchObject({ name: 'three', price: null, meta: null });
  });

  it.each<[string, unknown, number[]]>([
    ['no filter', {}, [1, 2, 3, 4]],
    ['equality', { name: 'one' }, [1]],
    ['equality of an enum', { mood: 'ok' }, [2]],
    ['equality of a domain', { short: 's2' }, [2]],
    ['equality of char', { code: 'x' }, [4]],
    ['equality of jsonb', { meta: { n: 12, from: 'Porto' } }, [2]],
    ['null', { mood: null }, [3]],
    ['a Date', { at: new Date('2024-01-02T00:00:00Z') }, [2]],
    ['op.eq of an array', { tags: op.eq(['b']) }, [2]],
    ['op.neq', { id: op.neq(1), name: op.neq('two') }, [3, 4]],
    ['op.gt and op.lte', [{ id: op.gt(1) }, { id: op.lte(3) }], [2, 3]],
    ['op.gte and op.lt', [{ price: op.gte(1.5) }, { price: op.lt('2') }], [1]],
    ['op.like', { name: op.like('t%') }, [2, 3]],
    ['op.like with escapes', { name: op.like('f\\%ur\\_%') }, [4]],
    ['op.ilike', { name: op.ilike('T_O') }, [2]],
    ['op.match', { name: op.match('^t.*e$') }, [3]],
    ['op.imatch', { name: op.imatch('^T.*E$') }, [3]],
    ['op.is(true)', { ok: op.is(true) }, [1, 4]],
    ['op.is(null)', { ok: op.is(null) }, [3]],
    ['op.isDistinct', { ok: op.isDistinct(true) }, [2, 3]],
    ['op.isDistinct(null)', { ok: op.isDistinct(null) }, [1, 2, 4]],
    ['op.in', { id: op.in([1, 3, 99]) }, [1, 3]],
    ['op.in of an enum', { mood: op.in(['sad', 'glad']) }, [1, 4]],
    ['op.in of texts with quotes', { name: op.in(['f%ur_"\\', 'one']) }, [1, 4]],
    ['op.in of arrays', { tags: op.in([['b'], []]) }, [2, 3]],
    ['op.in of jsonb', { meta: op.in([[], { x: 1 }]) }, [4]],
    ['an empty op.in', { id: op.in([]) }, []],
    ['op.in of 5,000 values', { id: op.in(Array.from({ length: 5000 }, (_, index) => index + 3)) }, [3, 4]],
    ['op.not(op.in)', { id: op.not(op.in([1, 3])) }, [2, 4]],
    ['op.contains of an array', { tags: op.contains(['b']) }, [1, 2]],
    ['op.contains of jsonb', { meta: op.contains({ n: 7 }) }, [1]],
    ['op.contains of a range', { during: op.contains('[2,3)') }, [1]],
    ['op.containedBy', { tags: op.containedBy(['b', 'c']) }, [2, 3]],
    ['op.overlaps', { tags: op.overlaps(['a', 'x']) }, [1]],
    ['op.rangeGt', { during: op.rangeGt('[1,6)') }, [4]],
    ['op.rangeGte', { during: op.rangeGte('[5,6)') }, [2, 4]],
    ['op.rangeLt', { during: op.rangeLt('[9,10)') }, [1, 2]],
    ['op.rangeLte', { during: op.rangeLte('[1,9)') }, [1, 2]],
    ['op.rangeAdjacent', { during: op.rangeAdjacent('[9,20)') }, [2, 4]],
    ['op.textSearch', { words: op.textSearch('cat & !hat') }, [4]],
    [
      'op.textSearch in plain words',
      { words: op.textSearch('hat cat', { type: 'plain', config: 'simple' }) },
      [1],
    ],
    ['op.textSearch of a phrase', { name: op.textSearch('one', { type: 'phrase' }) }, [1]],
    [
      'op.textSearch as on the web',
      { name: op.textSearch('one or two', { type: 'websearch', config: 'simple' }) },
      [1, 2],
    ],
    ['op.or', op.or({ id: 1 }, { name: 'two', ok: false }, { mood: 'glad' }), [1, 2, 4]],
    ['op.or beside a column', [{ ok: true }, op.or({ id: 1 }, { id: 2 })], [1]],
    [
      'op.and within op.or',
      [op.or(op.and({ id: 1 }, { ok: true }), op.not(op.or({ ok: true }, { ok: false }, { ok: null })))],
      [1],
    ],
    ['a path as text', [path('meta', 'from').where('Lisbon')], [1]],
    ['a path into an array', [path('meta', 'list', 1, 'k').where('v')], [1]],
    ['a path as a number', [path('meta', 'n').as('integer').where(op.gt(9))], [2]],
    [
      'a path as jsonb',
      [
        path('meta', 'list')
          .as('jsonb')
          .where(op.contains([1])),
      ],
      [1],
    ],
    ['a path in json', [path('old', 'x').as('numeric').where(1)], [1]],
    ['a path that leads nowhere', [path('meta', 'n').where(null)], [3, 4]],
  ])('finds by %s', async (_, filters, expected) => {
    expect(await ids(filters)).toEqual(expected);
  });

  it('selects and orders by a path, with quotes in its steps', async () => {
    const from = path('meta', 'from');
    const { rows } = await database.read(
      compileSelect(database.context(), 'items', {
        columns: ['id', from, path('meta', 'a "b" \\').as('jsonb')],
        orderBy: [{ column: from, direction: 'desc', nulls: 'last' }, 'id'],
      }),
    );
    expect(rows.map(({ id, from: city }) => [id, city])).toEqual([
      [2, 'Porto'],
      [1, 'Lisbon'],
      [3, null],
      [4, null],
    ]);
  });

  it('orders by a column even where a path has its name', async () => {
    const { rows } = await database.read(
      compileSelect(database.context(), 'items', {
        columns: [path('meta', 'id')],
        orderBy: { column: 'id', direction: 'desc' },
      }),
    );
    expect(rows).toHaveLength(4);
  });

  it('reads more columns than a function takes arguments', async () => {
    const { rows } = await database.read(compileSelect(database.context(), 'wide', { orderBy: 'id' }));
    expect(rows).toHaveLength(5);
    expect(rows[4]).toMatchObject({ id: 5, c0: 0, c99: 99, c129: 129 });
    const columns = Array.from({ length: 99 }, (_, index) => `c${index}`);
    const page = await database.read(
      compileSelect(database.context(), 'wide', { columns, limit: 2, count: 'exact' }),
    );
    expect(page.rows).toHaveLength(2);
    expect(page.total).toBe(5);
  });

  it('reads rows without columns', async () => {
    expect((await database.read(compileSelect(database.context(), 'nothing'))).rows).toEqual([{}, {}]);
    const counted = await database.read(compileSelect(database.context(), 'nothing', { count: 'exact' }));
    expect(counted).toEqual({ rows: [{}, {}], count: 2, total: 2 });
  });

  it('bounds, skips and counts in one statement', async () => {
    const compiled = compileSelect(database.context(), 'items', {
      columns: ['id', 'big'],
      filters: { id: op.gt(1) },
      orderBy: { column: 'id', direction: 'desc' },
      limit: 1,
      offset: 1,
      count: 'exact',
    });
    expect(await database.read(compiled)).toEqual({ rows: [{ id: 3, big: null }], count: 1, total: 3 });
  });

  it('tells the total of an empty page', async () => {
    const compiled = compileSelect(database.context(), 'items', {
      orderBy: 'id',
      offset: 10,
      count: 'exact',
    });
    expect(await database.read(compiled)).toEqual({ rows: [], count: 0, total: 4 });
  });

  it('tells that a result is larger than the bound', async () => {
    const compiled = compileSelect(database.context({ maxRows: 3 }), 'items');
    await expect(database.typed(compiled, 3)).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' });
    await expect(database.document(compiled, 3)).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' });
  });

  it('counts, estimates and asks the planner', async () => {
    const context = database.context();
    const filters = { id: op.gt(1) };
    expect((await database.read(compileCount(context, 'items', { filters }))).total).toBe(3);
    expect(
      (await database.read(compileCount(context, 'items', { filters, method: 'estimated' }))).total,
    ).toBe(3);
    expect((await database.read(compileCount(context, 'pages', { method: 'planned' }))).total).toBe(60);
    const page = { filters, columns: ['id', path('meta', 'n')], orderBy: 'id', limit: 2 } as const;
    const planned = await database.read(compileSelect(context, 'items', { ...page, count: 'planned' }));
    expect(planned.rows).toHaveLength(2);
    expect(planned.total).toBeGreaterThan(0);
    const estimated = await database.read(compileSelect(context, 'items', { ...page, count: 'estimated' }));
    expect(estimated.total).toBe(3);
    expect((await database.read(compileCount(context, 'titles', { filters: { name: 'one' } }))).total).toBe(
      1,
    );
  });

  it('counts no more than policies show, also with a catalog that was read before they were there', async () => {
    await database.exec('begin');
    try {
      await database.exec(`
        create role cdb_test_reader; grant usage on schema public to cdb_test_reader; grant select on pages to cdb_test_reader;
        alter table pages enable row level security; create policy few on pages for select to cdb_test_reader using (id <= 3);
        grant cdb_test_reader to current_user; set local role cdb_test_reader;
      `);
      const context = database.context();
      expect((await database.read(compileCount(context, 'pages'))).total).toBe(3);
      const page = { orderBy: 'id', limit: 1 } as const;
      expect((await database.read(compileSelect(context, 'pages', { ...page, count: 'exact' }))).total).toBe(
        3,
      );
      for (const method of ['planned', 'estimated'] as const) {
        for (const statement of [
          compileCount(context, 'pages', { method }),
          compileSelect(context, 'pages', { ...page, count: method }),
        ]) {
          await expect(database.read(statement)).rejects.toMatchObject({ code: 'PLANNED_COUNT_REFUSED' });
        }
      }
    } finally {
      await database.exec('rollback');
    }
  });

  it.each<[string, object[]]>([
    ['one key', [{ column: 'id' }]],
    ['one descending key', [{ column: 'id', direction: 'desc' }]],
    ['two keys that are never null', [{ column: 'c' }, { column: 'id' }]],
    [
      'two descending keys',
      [
        { column: 'c', direction: 'desc' },
        { column: 'id', direction: 'desc' },
      ],
    ],
    ['mixed directions', [{ column: 'c', direction: 'desc' }, { column: 'id' }]],
    ['nulls last', [{ column: 'a' }, { column: 'id' }]],
    [
      'nulls first',
      [
        { column: 'a', nulls: 'first' },
        { column: 'id', direction: 'desc' },
      ],
    ],
    ['descending, nulls first', [{ column: 'a', direction: 'desc' }, { column: 'id' }]],
    ['descending, nulls last', [{ column: 'a', direction: 'desc', nulls: 'last' }, { column: 'id' }]],
    [
      'three keys, two with nulls',
      [{ column: 'a', nulls: 'first' }, { column: 'b', direction: 'desc' }, { column: 'id' }],
    ],
    [
      'three other keys',
      [
        { column: 'c', direction: 'desc' },
        { column: 'b', nulls: 'first' },
        { column: 'id', direction: 'desc' },
      ],
    ],
  ])('pages through all rows once, in order, by %s', async (_, orderBy) => {
    const whole = await database.read(compileSelect(database.context(), 'pages', { orderBy }));
    expect(whole.rows).toHaveLength(60);
    const paged: unknown[] = [];
    let after: Record<string, unknown> | undefined;
    for (let page = 0; page < 30; page++) {
      const { rows, total } = await database.read(
        compileSelect(database.context(), 'pages', {
          orderBy,
          limit: 7,
          ...(after && { after }),
          count: 'exact',
        }),
      );
      expect(total).toBe(60);
      if (rows.length === 0) break;
      paged.push(...rows);
      const last = rows.at(-1)!;
      after = Object.fromEntries(
        orderBy.map((key) => (key as { column: string }).column).map((name) => [name, last[name]]),
      );
    }
    expect(paged).toEqual(whole.rows);
  });
});
