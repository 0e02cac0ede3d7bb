import { expect, it } from 'vitest';
import { anonymous, type DatabaseHandle, fragment, identifier, join, json, op } from '../../src/index.ts';
import { describeFourModes } from './four-modes.ts';
import { SEED, STATEMENT_SQL } from './statement-schema.ts';

type Case = readonly [name: string, run: (db: DatabaseHandle) => Promise<unknown>, expected: unknown];

const NEW = { id: 10, slug: 'new' };
const slugs = async (db: DatabaseHandle) =>
  (await db.select('notes', { columns: ['slug'], orderBy: 'id' })).map(({ slug }) => slug);

const CASES: readonly Case[] = [
  [
    'insert of one row, all of it handed back',
    (db) => db.insert('notes', { ...NEW, meta: [1, { a: null }], tags: ['x', null] }),
    {
      ...{ id: 10, slug: 'new', body: null, score: null, mood: null },
      ...{ tags: ['x', null], meta: [1, { a: null }], created: '2024-01-01T00:00:00+00:00' },
    },
  ],
  [
    'insert of rows, in their order',
    (db) => db.insert('notes', [{ id: 12, slug: 'b' }, { id: 11, slug: 'a', body: '🙂' }], { returning: ['id', 'body'] }), // biome-ignore format: the rows
    [{ id: 12, body: null }, { id: 11, body: '🙂' }], // biome-ignore format: the rows
  ],
  [
    'insert with the number of rows only',
    (db) => db.insert('notes', [NEW, { id: 11, slug: 'x' }], { returning: false }),
    2,
  ],
  ['insert of no rows', (db) => db.insert('notes', []), []],
  [
    'insert of a generated key',
    (db) => db.insert('comments', { note_id: 2, text: 'mine' }, { returning: ['id'] }),
    { id: 4 },
  ],
  ['insert of nothing but defaults', (db) => db.insert('nothing', {}), {}],
  [
    'update',
    (db) =>
      db.update(
        'notes',
        { body: 'changed', meta: null },
        { filters: { id: 1 }, returning: ['body', 'meta'] },
      ),
    [{ body: 'changed', meta: null }],
  ],
  ['update of no row', (db) => db.update('notes', { body: 'x' }, { filters: { id: 99 } }), []],
  ['update of all', (db) => db.update('notes', { body: 'x' }, { all: true, returning: false }), 5],
  [
    'update of as many as expected',
    (db) => db.update('notes', { body: 'x' }, { filters: { id: op.lte(2) }, expect: 2, returning: false }),
    2,
  ],
  [
    'update of as many as expected, handed back',
    (db) => db.update('notes', { body: 'x' }, { filters: { id: 2 }, expect: 1, returning: ['id'] }),
    [{ id: 2 }],
  ],
  ['delete', (db) => db.delete('notes', { filters: { slug: 'first' }, returning: ['id'] }), [{ id: 1 }]],
  ['delete of all', (db) => db.delete('comments', { all: true, returning: false }), 3],
  [
    'upsert of what is new and what exists',
    (db) => db.upsert('notes', [{ id: 1, slug: 'renamed' }, { id: 20, slug: 'twentieth' }], { returning: ['id', 'slug', 'body'] }), // biome-ignore format: the rows
    [{ id: 1, slug: 'renamed', body: 'one' }, { id: 20, slug: 'twentieth', body: null }], // biome-ignore format: the rows
  ],
  [
    'upsert by another key, of some columns',
    (db) =>
      db.upsert(
        'notes',
        { id: 99, slug: 'first', body: 'new body', score: 8 },
        { onConflict: 'slug', update: ['body'], returning: ['id', 'body', 'score'] },
      ),
    { id: 1, body: 'new body', score: 1.5 },
  ],
  [
    'upsert that leaves what exists',
    (db) => db.upsert('notes', { id: 1, slug: 'other' }, { ignoreDuplicates: true }),
    undefined,
  ],
  ['a function that writes and returns nothing', async (db) => [await db.rpc('touch', { wanted: 1 }), await db.selectOne('notes', { columns: ['body'], filters: { id: 1 } })], [undefined, { body: 'touched' }]], // biome-ignore format: one case a line
  ['a function that writes and returns a row', async (db) => Object.entries((await db.rpc('add_note', { wanted: 10, name: 'ten' })) as object).slice(0, 2), [['id', 10], ['slug', 'ten']]], // biome-ignore format: one case a line
  [
    'a batch of reads and writes',
    (db) =>
      db.batch([
        db.build.insert('notes', NEW, { returning: ['id'] }),
        db.build.count('notes'),
        db.build.delete('notes', { filters: { id: 1 }, returning: false }),
        db.build.select('notes', { columns: ['id'], orderBy: 'id', limit: 1, count: 'exact' }),
        db.build.rpc('add', { a: 1 }),
        db.build.vectorSearch('places', { column: 'at', vector: [0, 1, 0], columns: ['name'], limit: 1 }),
        db.build.hybridSearch('places', {
          text: 'north',
          textColumn: 'name',
          column: 'at',
          vector: [0, 1, 0],
          columns: ['name'],
          limit: 1,
        }),
      ]),
    [
      { id: 10 },
      6,
      1,
      { rows: [{ id: 2 }], count: 5 },
      11,
      [{ name: 'east', similarity: 1 }],
      [{ name: 'north', score: 1 / 61 + 1 / 63, similarity: 0, textRank: 0.1 }],
    ],
  ],
  [
    'a batch that fails, of which nothing stays',
    async (db) => {
      const batch = db.batch([
        db.build.insert('notes', NEW),
        db.build.insert('notes', { id: 11, slug: 'first' }),
      ]);
      return [await batch.catch((error: { code: string }) => error.code), await db.count('notes')];
    },
    ['UNIQUE_VIOLATION', 5],
  ],
  [
    'a transaction',
    (db) =>
      db.transaction(async (tx) => {
        await tx.insert('notes', NEW);
        const inner = await tx
          .transaction((nested) => nested.insert('notes', NEW))
          .catch((error: { code: string }) => error.code);
        return [inner, await tx.count('notes'), await tx.sql`select count(*) as n from notes`];
      }),
    ['UNIQUE_VIOLATION', 6, [{ n: 6 }]],
  ],
  [
    'a transaction that is rolled back',
    async (db) => {
      const lost = db.transaction(async (tx) => {
        await tx.delete('notes', { all: true });
        throw new RangeError('changed my mind');
      });
      return [await lost.catch((error: Error) => error.message), await db.count('notes')];
    },
    ['changed my mind', 5],
  ],
  [
    'a stream, a batch of two at a time',
    async (db) => {
      const seen: unknown[] = [];
      for await (const row of db.stream('notes', { columns: ['id', 'score'], orderBy: 'id', batchSize: 2 }))
        seen.push(row);
      for await (const row of db.stream(fragment`select id from comments where id > ${1} order by id`))
        seen.push(row);
      return seen;
    },
    [{ id: 1, score: 1.5 }, { id: 2, score: null }, { id: 3, score: 3 }, { id: 4, score: 3 }, { id: 5, score: 'NaN' }, { id: 2 }, { id: 3 }], // biome-ignore format: the rows
  ],
];

/** What only a connection of its own can do. */
const PINNED = new Set([
  'a transaction',
  'a transaction that is rolled back',
  'a stream, a batch of two at a time',
]);

const SQL_CASES: readonly Case[] = [
  ['a query', (db) => db.sql`select id, slug from notes where id < ${3} order by id;`, [{ id: 1, slug: 'first' }, { id: 2, slug: 'second' }]], // biome-ignore format: one case a line
  ['of two columns with one name the last one', (db) => db.sql`select 1 as a, 'two' as a`, [{ a: 'two' }]],
  ['no columns', (db) => db.sql`select from generate_series(1, 2)`, [{}, {}]],
  ['no rows', (db) => db.sql`select 1 as a where false`, []],
  ['a column named t', (db) => db.sql`select 1 as t`, [{ t: 1 }]],
  ['a column that is named by nobody', (db) => db.sql`select 1, 'x'::text`, [{ '?column?': 1, text: 'x' }]],
  ['a column named __proto__', (db) => db.sql`select 1 as "__proto__"`, [JSON.parse('{"__proto__":1}')]],
  ['literals of no type and null', (db) => db.sql`select 'x' as a, null as b`, [{ a: 'x', b: null }]],
  [
    'json null and SQL null',
    (db) => db.sql`select 'null'::jsonb as a, null::jsonb as b`,
    [{ a: null, b: null }],
  ],
  [
    'a whole row',
    (db) => db.sql`select c from comments c where id = 1`,
    [{ c: { id: 1, note_id: 1, text: 'nice' } }],
  ],
  ['nothing, as void', (db) => db.sql`select touch(1)`, [{ touch: null }]],
  ['arrays, made in place', (db) => db.sql`select array[1, null] as a, array[[1.5, 2]] as b, '{}'::text[] as c`, [{ a: [1, null], b: [[1.5, 2]], c: [] }]], // biome-ignore format: one case a line
  ['values of every kind, bound', (db) => db.sql`select ${'x'}::text as a, ${1}::int as b, ${1.5}::float8 as c, ${true}::bool as d, ${null}::text as e,
    ${[1, 2]}::int[] as f, ${json([1, 'x'])} ::jsonb as g, ${new Date(0)}::timestamptz as h, ${new Uint8Array([0, 255])}::bytea as i, ${12n}::int8 as j`,
    [{ a: 'x', b: 1, c: 1.5, d: true, e: null, f: [1, 2], g: [1, 'x'], h: '1970-01-01T00:00:00+00:00', i: '\\x00ff', j: 12 }]], // biome-ignore format: one case a line
  ['fragments and identifiers', (db) => db.sql`select ${join([identifier('id'), fragment`${'x'}::text as b`])} from ${identifier('public', 'notes')} where ${join([fragment`id > ${1}`, fragment`id < ${3}`], fragment` and `)}`, [{ id: 2, b: 'x' }]], // biome-ignore format: one case a line
  ['values', (db) => db.sql`values (1, 'a'), (2, 'b')`, [{ column1: 1, column2: 'a' }, { column1: 2, column2: 'b' }]], // biome-ignore format: one case a line
  ['table', (db) => db.sql`table nothing`, [{}, {}]],
  [
    'a union with an order',
    (db) => db.sql`(select 2 as n) union all select 1 order by n`,
    [{ n: 1 }, { n: 2 }],
  ],
  ['WITH RECURSIVE', (db) => db.sql`with recursive t(n) as (select 1 union all select n + 1 from t where n < 3) select * from t`, [{ n: 1 }, { n: 2 }, { n: 3 }]], // biome-ignore format: one case a line
  ['a comment at its end', (db) => db.sql`select 1 as n -- one`, [{ n: 1 }]],
  [
    'an insert that returns',
    (db) => db.sql`insert into notes (id, slug) values (${10}, ${'ten'}) returning id, slug`,
    [{ id: 10, slug: 'ten' }],
  ],
  ['an insert that returns nothing', (db) => db.sql`insert into notes (id, slug) values (10, 'ten')`, []],
  [
    'an update that returns',
    (db) => db.sql`update notes set body = ${'x'} where id = 1 returning body`,
    [{ body: 'x' }],
  ],
  [
    'a delete that returns nothing',
    async (db) => [await db.sql`delete from notes where id > 2`, await slugs(db)],
    [[], ['first', 'second']],
  ],
  ['a WITH that writes under a query', async (db) => [await db.sql`with gone as (delete from notes where id < 3 returning id) select count(*) as n from gone`, await slugs(db)], [[{ n: 2 }], ['third', 'fourth', 'fifth']]], // biome-ignore format: one case a line
  ['a WITH that reads under a write', (db) => db.sql`with last as (select max(id) as id from notes) insert into notes (id, slug) select id + 1, 'sixth' from last returning id`, [{ id: 6 }]], // biome-ignore format: one case a line
  ['several writes in one WITH', async (db) => [await db.sql`with a as (insert into notes (id, slug) values (10, 'a') returning id), b as (update notes set slug = 'b' where id = 1 returning id)
    select a.id as new, b.id as old from a, b`, await slugs(db)], [[{ new: 10, old: 1 }], ['b', 'second', 'third', 'fourth', 'fifth', 'a']]], // biome-ignore format: one case a line
  ['MERGE that returns', (db) => db.sql`merge into notes n using (values (1), (50)) v (id) on n.id = v.id
    when matched then update set body = 'merged' when not matched then insert (id, slug) values (v.id, 'merged') returning n.id`, [{ id: 1 }, { id: 50 }]], // biome-ignore format: one case a line
  ['a read-only query', (db) => db.sql({ access: 'read' })`select 1 as n`, [{ n: 1 }]],
  ['who is asking', (db) => db.sql`select current_user::text as role, auth.uid()::text as uid, auth.role() as claim`, [{ role: 'authenticated', uid: '00000000-0000-4000-8000-000000000001', claim: 'authenticated' }]], // biome-ignore format: one case a line
  ['settings that a batch pins', (db) => db.sql`select current_setting('TimeZone') as zone, current_setting('DateStyle') as dates, current_setting('IntervalStyle') as intervals, current_setting('search_path') as path`,
    [{ zone: 'UTC', dates: 'ISO, MDY', intervals: 'postgres', path: '"public", "extensions", pg_temp' }]], // biome-ignore format: one case a line
];

describeFourModes('writes answer alike in every mode', STATEMENT_SQL, (modes) => {
  it.each(CASES)('%s', async (name, run, expected) => {
    const pinned = PINNED.has(name) && { modes: ['direct', 'session', 'embedded'] as const };
    expect(await modes.alike(run, { reset: SEED, ...pinned })).toStrictEqual(expected);
  });

  it('10,000 rows are inserted by one statement', async () => {
    const rows = Array.from({ length: 10_000 }, (_, id) => ({
      id: id + 100,
      slug: `s${id}`,
      body: 'x',
      tags: ['a'],
    }));
    expect(await modes.alike((db) => db.insert('notes', rows, { returning: false }), { reset: SEED })).toBe(
      10_000,
    );
  });

  it('1 MB strings go there and back', async () => {
    const body = `🙂'"\\${'x'.repeat(1 << 20)}`;
    expect(
      await modes.alike((db) => db.insert('notes', { ...NEW, body }, { returning: ['body'] }), {
        reset: SEED,
      }),
    ).toStrictEqual({ body });
    expect(await modes.alike((db) => db.sql`select ${body}::text as body`)).toStrictEqual([{ body }]);
  });
});

describeFourModes("SQL of the caller's own answers alike in every mode", STATEMENT_SQL, (modes) => {
  it.each(SQL_CASES)('%s', async (_name, run, expected) => {
    expect(await modes.alike(run, { reset: SEED })).toStrictEqual(expected);
  });

  it('but for an anonymous record, whose columns only JSON can tell apart', async () => {
    const record = (db: DatabaseHandle) => db.sql`select row(1, 'x') as r`;
    const typed = { modes: ['direct', 'session', 'embedded'] as const };
    expect(await modes.alike(record, typed)).toStrictEqual([{ r: '(1,x)' }]);
    expect(await modes.alike(record, { modes: ['transaction'] })).toStrictEqual([{ r: { f1: 1, f2: 'x' } }]);
  });

  it('EXPLAIN and SHOW, where typed rows can answer', async () => {
    const typed = { modes: ['direct', 'session', 'embedded'] as const };
    expect(await modes.alike((db) => db.sql`show timezone`, typed)).toStrictEqual([{ TimeZone: 'UTC' }]);
    await expect(modes.service('transaction').as(anonymous()).sql`show timezone`).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});
