import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, type ModeName, service } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED } from './every-mode.ts';

const SQL = `
  create table things (id int primary key);
  create table swapped (id int primary key, n int not null, words text not null);
  insert into swapped values (1, 7, 'seven');
`;

/** Type before, type after, text of the value then, and what the caller must get, with `largeNumbers: 'string'`. */
type Change = readonly [before: string, after: string, stored: string, right: unknown];

/** Documents hide these alone: JSON holds a number before and after. */
const NUMBERS: readonly Change[] = [
  ['int4', 'int8', '9007199254740993', '9007199254740993'],
  ['int2', 'int8', '-9007199254740993', '-9007199254740993'],
  ['int8', 'int4', '7', 7],
  ['float8', 'numeric', '0.12345678901234567890123', '0.12345678901234567890123'],
];

const OTHERS: readonly Change[] = [
  ['int4', 'text', 'seven', 'seven'],
  ['int4', 'bool', 'true', true],
  ['int4', 'date', '2024-02-29', '2024-02-29'],
  ['int4', 'jsonb', '{"a": 1}', { a: 1 }],
  ['bool', 'int4', '1', 1],
  ['bool', 'text', 'true', 'true'],
  ['text', 'int4', '7', 7],
  ['text', 'bool', 'true', true],
  ['text', 'text[]', '{a,b}', ['a', 'b']],
  ['text', 'jsonb', '{"a": 1}', { a: 1 }],
  ['text', 'timestamptz', '2024-02-29 12:00:00+00', '2024-02-29T12:00:00+00:00'],
  ['text[]', 'text', '{a,b}', '{a,b}'],
  ['text[]', 'int4[]', '{1,2}', [1, 2]],
  ['int4[]', 'text[]', '{1,2}', ['1', '2']],
  ['jsonb', 'text', '{"a": 1}', '{"a": 1}'],
];

/** Reads the one row of the table. */
const READS: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
  select: (db) => db.select('things'),
  'select of columns': (db) => db.select('things', { columns: ['id', 'value'] }),
  batch: async (db) => (await db.batch([db.build.select('things'), db.build.count('things')]))[0],
  update: (db) => db.update('things', { id: 1 }, { filters: { id: 1 } }),
  upsert: (db) => db.upsert('things', [{ id: 1 }], { update: ['id'] }),
  delete: (db) => db.delete('things', { filters: { id: 1 } }),
};

/** The same where a connection is held. */
const HELD: typeof READS = {
  stream: (db) => all(db.stream('things', { batchSize: 1 })),
  'select inside a transaction': (db) => db.transaction((tx) => tx.select('things')),
  'update inside a transaction': (db) =>
    db.transaction((tx) => tx.update('things', { id: 1 }, { filters: { id: 1 } })),
  'batch inside a transaction': (db) =>
    db.transaction(async (tx) => (await tx.batch([tx.build.select('things')]))[0]),
  'stream inside a transaction': (db) => db.transaction((tx) => all(tx.stream('things'))),
};

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

describeEveryMode('a column that changes its type beneath a kept catalog', SQL, (modes) => {
  async function remake(mode: ModeName, type: string, stored?: string): Promise<void> {
    await modes.query(mode, `drop table things; create table things (id int primary key, value ${type})`);
    if (stored === undefined) return;
    await modes.query(mode, 'insert into things (id) values (1)');
    await modes.query(mode, `update things set value = $1::text::${type}`, [stored]);
  }

  async function isReadAsItIsNow(
    mode: ModeName,
    change: Change,
    read: (db: DatabaseHandle) => Promise<unknown>,
    isPrepared: boolean,
  ) {
    const [before, after, stored, right] = change;
    await using db = modes.service(mode, { largeNumbers: 'string' });
    const mine = db.as(service());
    await remake(mode, before);
    await mine.count('things');
    if (isPrepared) await read(mine);
    await remake(mode, after, stored);
    expect(await read(mine)).toEqual([{ id: 1, value: right }]);
  }

  describe.each(MODES)('in %s mode', (mode) => {
    const ways = Object.entries(mode === 'transaction' ? READS : { ...READS, ...HELD });

    describe.each(ways)('%s', (name, read) => {
      it.each(NUMBERS)('is right after a change from %s to %s', (...change) =>
        isReadAsItIsNow(mode, change, read, !(name in HELD)),
      );
      it.each(OTHERS)('is right after a change from %s to %s', (...change) =>
        isReadAsItIsNow(mode, change, read, !(name in HELD)),
      );
    });

    it.each([...NUMBERS, ...OTHERS])('raw SQL is right after a change from %s to %s', (...change) =>
      isReadAsItIsNow(mode, change, (db) => db.sql`select id, value from things`, true),
    );

    it('a number that has become too large is refused, not rounded', async () => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      await remake(mode, 'int4');
      await mine.select('things');
      await remake(mode, 'int8', '9007199254740993');
      await expect(mine.select('things')).rejects.toMatchObject({ code: 'NUMBER_TOO_LARGE' });
    });

    it('a function that returns another type is called anew', async () => {
      await using db = modes.service(mode, { largeNumbers: 'string' });
      const mine = db.as(service());
      const make = (type: string, body: string) =>
        modes.query(
          mode,
          `drop function if exists answer(); create function answer() returns ${type} language sql stable return ${body}`,
        );
      await make('int4', '7');
      expect(await mine.rpc('answer')).toBe(7);
      await make('int8', '9007199254740993');
      expect(await mine.rpc('answer')).toBe('9007199254740993');
    });
  });

  describe.each(MODES)('in %s mode', (mode) => {
    /** Objects of the schema, made in one way and then in another. */
    async function isRemade(before: string, after: string, read: (db: DatabaseHandle) => Promise<unknown>) {
      await using db = modes.service(mode);
      const mine = db.as(service());
      await modes.query(mode, `drop view if exists seen; drop type if exists mood cascade; ${before}`);
      await read(mine);
      await modes.query(mode, after);
      const [first, second] = [await read(mine), await read(mine)];
      expect(second).toEqual(first);
      return first;
    }

    it.each(['int8', 'numeric'])('a json column is not rounded for having become %s', async (after) => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      for (const before of ['json', 'jsonb']) {
        await remake(mode, before, '1');
        await mine.select('things');
        await remake(mode, after, '9007199254740993');
        await expect(mine.select('things')).rejects.toMatchObject({ code: 'NUMBER_TOO_LARGE' });
        await remake(mode, `${before}[]`, '{1}');
        await mine.select('things').catch(() => undefined);
        await mine.select('things');
        await remake(mode, `${after}[]`, '{9007199254740993}');
        await expect(mine.select('things')).rejects.toMatchObject({ code: 'NUMBER_TOO_LARGE' });
      }
    });

    it('a view that is made anew has the columns that it has now', async () => {
      const read = (db: DatabaseHandle) => db.select('seen', { filters: { id: 1 } });
      const before = `create view seen as select 1 as id, 1.5::float8 as value`;
      const after = `drop view seen; create view seen as select 1 as id, array[row(7)::text, null] as value`;
      expect(await isRemade(before, after, read)).toEqual([{ id: 1, value: ['(7)', null] }]);
    });

    it('labels of an enum that were renamed or added are read and written', async () => {
      const before = `create type mood as enum ('calm', 'sad'); drop table if exists people;
        create table people (id int primary key, mood mood, moods mood[]); insert into people values (1, 'calm', '{calm,sad}')`;
      const after = `alter type mood rename value 'calm' to 'quiet'; alter type mood add value 'glad'`;
      expect(await isRemade(before, after, (db) => db.select('people'))).toEqual([
        { id: 1, mood: 'quiet', moods: ['quiet', 'sad'] },
      ]);
    });

    it('a new label of an enum is written and compared', async () => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      await modes.query(
        mode,
        `drop type if exists mood cascade; drop table if exists people; create type mood as enum ('calm');
         create table people (id int primary key, mood mood); insert into people values (1, 'calm')`,
      );
      await mine.select('people');
      await modes.query(mode, `alter type mood add value 'glad'`);
      expect(await mine.update('people', { mood: 'glad' }, { filters: { id: 1 } })).toEqual([
        { id: 1, mood: 'glad' },
      ]);
      expect(await mine.select('people', { filters: { mood: 'glad' } })).toHaveLength(1);
    });

    it('a function returns the table that it is declared with now', async () => {
      const of = (columns: string, row: string) =>
        `drop function if exists told(); create function told() returns table (${columns}) language sql stable as 'select ${row}'`;
      const before = of('id int4, value float8', '1, 1.5::float8');
      const after = of('id int8, value text', '1::int8, 7::text');
      expect(await isRemade(before, after, (db) => db.rpc('told'))).toEqual([{ id: 1, value: '7' }]);
    });

    it('a function returns the rows of a table as they are named now', async () => {
      const before = `drop table if exists rows_of cascade; create table rows_of (id int, first int, second int);
        insert into rows_of values (1, 2, 3);
        create function told_rows() returns setof rows_of language sql stable as 'select * from rows_of'`;
      const after = `begin; alter table rows_of rename first to k; alter table rows_of rename second to first;
        alter table rows_of rename k to second; commit`;
      expect(await isRemade(before, after, (db) => db.rpc('told_rows'))).toEqual([
        { id: 1, first: 3, second: 2 },
      ]);
    });
  });

  it.each(PINNED)(
    'inside a transaction a statement that was prepared before is right or refused, in %s mode',
    async (mode) => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      await remake(mode, 'bool');
      await mine.select('things');
      await remake(mode, 'int4', '1');
      const answer = await mine.transaction((tx) => tx.select('things')).catch((error: unknown) => error);
      if (!(answer instanceof Error)) return expect(answer).toEqual([{ id: 1, value: 1 }]);
      expect(answer).toMatchObject({ outcome: 'not-applied' });
    },
  );

  it.each(['direct', 'session'] as const)(
    'no row is wrong in a storm of renamed columns, in %s mode',
    (mode) => storm(mode),
  );
  it('no row is wrong in a storm of renamed columns, in transaction mode', () => storm('transaction'));

  /** Two columns change their names while they are read. */
  async function storm(mode: ModeName): Promise<void> {
    await using db = modes.service(mode);
    const mine = db.as(service());
    let over = false;
    const rows: Record<string, unknown>[] = [];
    const reading = async () => {
      while (!over) rows.push(...(await mine.select('swapped').catch(() => [])));
    };
    const readers = [reading(), reading(), reading()];
    for (let round = 0; round < 100; round++) {
      await modes.query(
        mode,
        `begin; alter table swapped rename n to other; alter table swapped rename words to n;
         alter table swapped rename other to words; commit`,
      );
      await mine.sql`select 1`;
    }
    over = true;
    await Promise.all(readers);
    const isWrong = ({ n, words }: Record<string, unknown>) =>
      !(n === 7 && words === 'seven') && !(n === 'seven' && words === 7);
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter(isWrong)).toEqual([]);
  }
});
