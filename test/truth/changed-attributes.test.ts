import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, fragment, type ModeName, service } from '../../src/index.ts';
import { describeEveryMode, MODES } from './every-mode.ts';

type Read = (db: DatabaseHandle) => Promise<unknown>;

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

/** Columns that hold composites may not have attributes of other types: Postgres refuses that change. */
const STORED: readonly (readonly [what: string, ddl: string, right: unknown])[] = [
  [
    'attributes that have changed their names',
    `alter type place rename attribute n to k; alter type place rename attribute m to n;
     alter type place rename attribute k to m`,
    { n: 2, m: 1, city: 'x' },
  ],
  ['an attribute that was renamed', 'alter type place rename attribute m to k', { n: 1, k: 2, city: 'x' }],
  ['an attribute that was dropped', 'alter type place drop attribute m', { n: 1, city: 'x' }],
  [
    'an attribute that was added',
    'alter type place add attribute k bool',
    { n: 1, m: 2, city: 'x', k: null },
  ],
  [
    'an attribute that now stands elsewhere',
    'alter type place drop attribute n, add attribute n int4',
    { m: 2, city: 'x', n: null },
  ],
];

const READS: Readonly<Record<string, Read>> = {
  select: (db) => db.select('things'),
  'select in order, with its count': async (db) =>
    (await db.select('things', { orderBy: 'id', count: 'exact' })).rows,
  batch: async (db) => (await db.batch([db.build.count('things'), db.build.select('things')]))[1],
  'rpc of rows that hold it': (db) => db.rpc('all_things'),
  'raw SQL': (db) => db.sql`select * from things`,
};
const WRITES: typeof READS = {
  update: (db) => db.update('things', { id: 1 }, { filters: { id: 1 } }),
  'update of so many rows': (db) => db.update('things', { id: 1 }, { filters: { id: 1 }, expect: 1 }),
  'raw SQL that writes': (db) => db.sql`update things set id = 1 returning *`,
};
const HELD: typeof READS = {
  stream: (db) => all(db.stream('things', { batchSize: 1 })),
  'stream of raw SQL': (db) => all(db.stream(fragment`select * from things`)),
  'select inside a transaction': (db) => db.transaction((tx) => tx.select('things')),
  'update inside a transaction': (db) =>
    db.transaction((tx) => tx.update('things', { id: 1 }, { filters: { id: 1 } })),
  'raw SQL inside a transaction': (db) => db.transaction((tx) => tx.sql`select * from things`),
};

/** Type of an attribute before and after, its text then, and what the caller must get with `largeNumbers: 'string'`. */
const RETYPED: readonly (readonly [before: string, after: string, stored: string, right: unknown])[] = [
  ['int4', 'int8', '9007199254740993', '9007199254740993'],
  ['int8', 'int4', '7', 7],
  ['float8', 'int8', '9007199254740993', '9007199254740993'],
  ['float8', 'numeric', '0.12345678901234567890123', '0.12345678901234567890123'],
  ['int4', 'text', 'seven', 'seven'],
  ['text', 'int4', '7', 7],
  ['bool', 'int4', '1', 1],
  ['jsonb', 'int8', '9007199254740993', '9007199254740993'],
  ['int8', 'text[]', '{a,b}', ['a', 'b']],
];

const MADE: typeof READS = {
  'rpc of one': async (db) => ({ value: await db.rpc('make_mark') }),
  'rpc of several': async (db) => ({ value: ((await db.rpc('make_marks')) as unknown[])[0] }),
  'select of a view': async (db) => ((await db.select('marked')) as unknown[])[0],
  'raw SQL': async (db) => ((await db.sql`select make_mark() as value`) as unknown[])[0],
};

describeEveryMode('composites whose attributes change beneath a kept catalog', 'select 1', (modes) => {
  /** Both hold the same: one is an object in a document, the other, because of its bigint, a text. */
  async function remake(mode: ModeName): Promise<void> {
    await modes.query(
      mode,
      `drop table if exists things cascade; drop domain if exists spot; drop type if exists pair, place, far;
       create type place as (n int4, m int4, city text); create type far as (n int8, m int8, city text);
       create domain spot as far; create type pair as (first far, last int);
       create table things (id int primary key, value place, list place[], own spot, lists far[], deep pair);
       create function all_things() returns setof things language sql stable as 'select * from things';
       insert into things values (1, (1, 2, 'x'), array[(1, 2, 'x'), null]::place[], (1, 2, 'x'),
         array[array[(1, 2, 'x')]]::far[], ((1, 2, 'x'), 3))`,
    );
  }

  const rowsOf = (place: unknown) => [
    {
      id: 1,
      value: place,
      list: [place, null],
      own: place,
      lists: [[place]],
      deep: { first: place, last: 3 },
    },
  ];

  describe.each(MODES)('in %s mode', (mode) => {
    const ways = Object.entries({ ...READS, ...WRITES, ...(mode !== 'transaction' && HELD) });

    describe.each(ways)('%s', (name, read) => {
      it.each(STORED)('tells %s', async (_what, ddl, right) => {
        await using db = modes.service(mode);
        const mine = db.as(service());
        await remake(mode);
        await mine.count('things');
        if (!(name in HELD)) expect(await read(mine)).toEqual(rowsOf({ n: 1, m: 2, city: 'x' }));
        await modes.query(
          mode,
          `begin; ${ddl}; ${ddl.replaceAll('place', 'far').replaceAll('int4', 'int8')}; commit`,
        );
        const answer = await read(mine).catch((error: unknown) => error);
        // What only the rows of a write show comes too late to write it again.
        if (mode === 'transaction' && name in WRITES && answer instanceof Error) {
          expect(answer).toMatchObject({ code: 'COLUMNS_CHANGED', outcome: 'applied' });
        } else expect(answer).toEqual(rowsOf(right));
        expect(await mine.select('things')).toEqual(rowsOf(right));
      });
    });

    describe.each(Object.entries(MADE))('%s', (_name, read) => {
      it.each(RETYPED)('is right after a change of an attribute from %s to %s', async (...change) => {
        const [before, after, stored, right] = change;
        await using db = modes.service(mode, { largeNumbers: 'string' });
        const mine = db.as(service());
        // Made anew, because a function keeps the cast of a value that it assigns.
        const functions = `create or replace function make_mark() returns mark language plpgsql stable as
             $$ declare made mark; begin made.id := 1; made.n := (select value from stored); return made; end $$;
           create or replace function make_marks() returns setof mark language plpgsql stable as
             $$ begin return next make_mark(); end $$`;
        await modes.query(
          mode,
          `drop view if exists marked; drop type if exists mark cascade; drop table if exists stored;
           create type mark as (id int4, n ${before}); create table stored (value text);
           ${functions}; create view marked as select make_mark() as value`,
        );
        expect(await read(mine)).toEqual({ value: { id: 1, n: null } });
        await modes.query(mode, `alter type mark drop attribute n, add attribute n ${after}; ${functions}`);
        await modes.query(mode, 'insert into stored values ($1)', [stored]);
        expect(await read(mine)).toEqual({ value: { id: 1, n: right } });
        expect(await read(mine)).toEqual({ value: { id: 1, n: right } });
      });
    });

    it('are rounded by no number that has become too large', async () => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      const make = (type: string, value: string) =>
        modes.query(
          mode,
          `drop view if exists rounded; drop type if exists exact cascade; create type exact as (n ${type});
           create view rounded as select row(${value})::exact as value`,
        );
      await make('float8', '1.5');
      expect(await mine.select('rounded')).toEqual([{ value: { n: 1.5 } }]);
      await modes.query(mode, 'drop view rounded; alter type exact alter attribute n type int8');
      await modes.query(mode, 'create view rounded as select row(9007199254740993)::exact as value');
      await expect(mine.select('rounded')).rejects.toMatchObject({ code: 'NUMBER_TOO_LARGE' });
      await expect(mine.sql`select value from rounded`).rejects.toMatchObject({ code: 'NUMBER_TOO_LARGE' });
    });

    it.each(['int4', 'int8'])('are read of a schema that the caller may not use: of %s', async (number) => {
      await using db = modes.service(mode);
      await modes.query(
        mode,
        `drop table if exists guarded; drop schema if exists hidden cascade; create schema hidden;
         create type hidden.mood as enum ('calm');
         create type hidden.place as (n ${number}, mood hidden.mood);
         create table guarded (id int primary key, value hidden.place, list hidden.place[]);
         insert into guarded values (1, (1, 'calm'), array[(1, 'calm')::hidden.place])`,
      );
      const place = { n: 1, mood: 'calm' };
      expect(await db.as(service()).select('guarded')).toEqual([{ id: 1, value: place, list: [place] }]);
    });
  });
});
