import { expect, it } from 'vitest';
import { anonymous, type DatabaseHandle, op, path } from '../../src/index.ts';
import { describeFourModes } from './four-modes.ts';
import { SEED, STATEMENT_SQL } from './statement-schema.ts';

type Case = readonly [name: string, run: (db: DatabaseHandle) => Promise<unknown>, expected: unknown];

const ids = (...numbers: number[]) => numbers.map((id) => ({ id }));
const by = { columns: ['id'], orderBy: 'id' };

const CASES: readonly Case[] = [
  ['one column, ordered', (db) => db.select('notes', by), ids(1, 2, 3, 4, 5)],
  ['no row', (db) => db.select('notes', { ...by, filters: { id: 99 } }), []],
  ['limit 0', (db) => db.select('notes', { ...by, limit: 0 }), []],
  ['a table without columns', (db) => db.select('nothing'), [{}, {}]],
  [
    'json null and SQL null',
    (db) => db.select('notes', { columns: ['id', 'meta'], filters: { id: op.in([2, 3]) }, orderBy: 'id' }),
    [
      { id: 2, meta: null },
      { id: 3, meta: null },
    ],
  ],
  [
    'SQL null by IS NULL, which json null is not',
    (db) => db.select('notes', { ...by, filters: { meta: null } }),
    ids(2),
  ],
  [
    'a path, whose json null is none',
    (db) => db.select('notes', { ...by, filters: [path('meta', 'from').where(null)] }),
    ids(2, 3, 4, 5),
  ],
  [
    'a path by its value',
    (db) => db.select('notes', { ...by, filters: [path('meta', 'from').where('Lisbon')] }),
    ids(1),
  ],
  [
    'a path as a column, a number',
    (db) =>
      db.select('notes', { columns: ['id', path('meta', 'n').as('integer')] as never, filters: { id: 1 } }),
    [{ id: 1, n: 1 }],
  ],
  [
    'operators',
    (db) =>
      db.select('notes', {
        ...by,
        filters: [
          { score: op.gte(1), mood: op.neq('sad') },
          op.or({ tags: op.contains(['b']) }, { slug: op.like('fo%') }),
        ],
      }),
    ids(3, 4),
  ],
  [
    'not, in and ilike',
    (db) => db.select('notes', { ...by, filters: [op.not(op.or({ id: 1 }, { slug: op.ilike('F%TH') }))] }),
    ids(2, 3),
  ],
  [
    'isDistinct from null',
    (db) => db.select('notes', { ...by, filters: { body: op.isDistinct(null) } }),
    ids(1, 3, 4, 5),
  ],
  ['an empty string', (db) => db.select('notes', { ...by, filters: { body: '' } }), ids(5)],
  [
    'NaN, which numeric counts as equal to itself',
    (db) => db.select('notes', { ...by, filters: { score: Number.NaN } }),
    ids(5),
  ],
  [
    'an array by equality',
    (db) => db.select('notes', { ...by, filters: { tags: op.eq(['c', 'd e']) } }),
    ids(4),
  ],
  [
    'order by enum, descending, nulls last',
    (db) =>
      db.select('notes', {
        columns: ['id'],
        orderBy: [{ column: 'mood', direction: 'desc', nulls: 'last' }, 'id'],
      }),
    ids(3, 4, 5, 1, 2),
  ],
  ['offset', (db) => db.select('notes', { ...by, limit: 2, offset: 3 }), ids(4, 5)],
  ['a count', (db) => db.count('notes', { filters: { mood: 'ok' } }), 2],
  ['a count of none', (db) => db.count('notes', { filters: { id: -1 } }), 0],
  [
    'rows with the count of all',
    (db) => db.select('notes', { ...by, limit: 2, count: 'exact' }),
    { rows: ids(1, 2), count: 5 },
  ],
  [
    'a count beyond the last page',
    (db) => db.select('notes', { ...by, offset: 9, count: 'exact' }),
    { rows: [], count: 5 },
  ],
  [
    'a count beside no columns',
    (db) => db.select('nothing', { count: 'exact', limit: 1 }),
    { rows: [{}], count: 2 },
  ],
  [
    'a count of nothing',
    (db) => db.select('notes', { ...by, filters: { id: -1 }, count: 'exact' }),
    { rows: [], count: 0 },
  ],
  ['the first page by keyset', (db) => db.select('notes', { ...by, limit: 2, after: undefined }), ids(1, 2)],
  ['the next page by keyset', (db) => db.select('notes', { ...by, limit: 2, after: { id: 2 } }), ids(3, 4)],
  [
    'a page by keyset over nulls and ties',
    (db) =>
      db.select('notes', {
        columns: ['id'],
        orderBy: [{ column: 'score', direction: 'desc', nulls: 'last' }, 'id'],
        after: { score: 3, id: 3 },
      }),
    ids(4, 1, 2),
  ],
  ['selectOne', (db) => db.selectOne('notes', { columns: ['slug'], filters: { id: 3 } }), { slug: 'third' }],
  ['selectMaybe without a row', (db) => db.selectMaybe('notes', { filters: { id: 99 } }), undefined],
  ['a view', (db) => db.select('recent', { orderBy: 'id', limit: 1 }), [{ id: 3, slug: 'third' }]],
  ['rows that a policy leaves', (db) => db.select('guarded', { columns: ['id'] }), ids(1)],
  ['a scalar function', (db) => db.rpc('add', { a: 1, b: 2 }), 3],
  ['a function by its default', (db) => db.rpc('add', { a: 1 }), 11],
  ['an overload by its argument', (db) => db.rpc('both_ways', { a: 7 }), 'number 7'],
  ['the other overload', (db) => db.rpc('both_ways', { b: '7' }), 'text 7'],
  ['a function that returns null', (db) => db.rpc('nulls'), null],
  ['a function that returns json', (db) => db.rpc('a_json'), { a: [1, null] }],
  ['a set of numbers', (db) => db.rpc('numbers', { upto: 3 }), [1, 2, 3]],
  ['an empty set', (db) => db.rpc('numbers', { upto: 0 }), []],
  ['a table function', (db) => db.rpc('pairs', { upto: 2 }), [{ n: 1, square: 1 }, { n: 2, square: 4 }]], // biome-ignore format: one case a line
  ['OUT arguments', (db) => db.rpc('out_two'), { a: 1, b: 'x' }],
  ['a variadic function', (db) => db.rpc('sum_all', { list: [1, 2, 3] }), 6],
  [
    'nearest by cosine',
    (db) => db.vectorSearch('places', { column: 'at', vector: [1, 0, 0], columns: ['id'], limit: 2 }),
    [
      { id: 1, similarity: 1 },
      { id: 3, similarity: 0.7071067811865475 },
    ],
  ],
  [
    'nearest by distance, exactly, with a filter and a threshold',
    (db) =>
      db.vectorSearch('places', {
        column: 'half',
        vector: [0, 1, 0],
        metric: 'l2',
        exact: true,
        filters: { name: op.neq('zero') },
        columns: ['name'],
        similarityThreshold: 0.45,
      }),
    [
      { name: 'east', similarity: 1 },
      { name: 'north east', similarity: 0.5 },
    ],
  ],
  [
    'nearest by inner product',
    (db) =>
      db.vectorSearch('places', {
        column: 'at',
        vector: [1, 2, 0],
        metric: 'innerProduct',
        columns: ['id'],
        limit: 2,
      }),
    [
      { id: 3, similarity: 3 },
      { id: 2, similarity: 2 },
    ],
  ],
];

describeFourModes('reads answer alike in every mode', `${STATEMENT_SQL} ${SEED}`, (modes) => {
  it.each(CASES)('%s', async (_name, run, expected) => {
    expect(await modes.alike(run)).toStrictEqual(expected);
  });

  it('all columns, in the order of the table', async () => {
    const rows = (await modes.alike((db) => db.select('notes', { orderBy: 'id', limit: 1 }))) as object[];
    expect(rows).toStrictEqual([
      {
        id: 1,
        slug: 'first',
        body: 'one',
        score: 1.5,
        mood: 'sad',
        tags: ['a', 'b'],
        meta: { from: 'Lisbon', n: 1 },
        created: '2024-01-01T00:00:00+00:00',
      },
    ]);
    expect(Object.keys(rows[0]!)).toStrictEqual([
      'id',
      'slug',
      'body',
      'score',
      'mood',
      'tags',
      'meta',
      'created',
    ]);
  });

  it('200 columns, alone and with a count', async () => {
    const row = (id: number) =>
      Object.fromEntries([['id', id], ...Array.from({ length: 199 }, (_, i) => [`c${i}`, id * i])]);
    expect(await modes.alike((db) => db.select('wide', { orderBy: 'id' }))).toStrictEqual([
      row(1),
      row(2),
      row(3),
    ]);
    expect(
      await modes.alike((db) => db.select('wide', { orderBy: 'id', count: 'exact', limit: 1 })),
    ).toStrictEqual({
      rows: [row(1)],
      count: 3,
    });
    expect(await modes.alike((db) => db.sql`select * from wide order by id`)).toStrictEqual([
      row(1),
      row(2),
      row(3),
    ]);
  });

  it('a composite, alone and in a set, is a row', async () => {
    const third = { id: 3, slug: 'third', body: 'three', score: 3, mood: 'happy', tags: ['b'], meta: null };
    const note = await modes.alike((db) => db.rpc('one_note', { wanted: 3 }));
    expect(note).toStrictEqual({ ...third, created: '2024-01-01T00:00:00+00:00' });
    const notes = (await modes.alike((db) => db.rpc('all_notes'))) as unknown[];
    expect(notes).toHaveLength(5);
    expect(notes[2]).toStrictEqual(note);
  });

  it('a function of a composite that finds nothing is a row of nulls', async () => {
    const note = (await modes.alike((db) => db.rpc('one_note', { wanted: 99 }))) as object;
    expect(new Set(Object.values(note))).toStrictEqual(new Set([null]));
  });

  it("the planner's count, where EXPLAIN can answer", async () => {
    const count = await modes.alike((db) => db.count('notes', { method: 'estimated' }), {
      modes: ['direct', 'session', 'embedded'],
    });
    expect(count).toBe(5);
    const pooled = modes.service('transaction').as(anonymous());
    await expect(pooled.count('notes', { method: 'estimated' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});
