import { describe, expect, it } from 'vitest';
import {
  type DatabaseHandle,
  op,
  path,
  publicError,
  service,
  UsageError,
  ValidationError,
} from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const SQL = `
  create type mood as enum ('sad', 'ok');
  create domain price as numeric(5, 2);
  create table things (
    id int primary key, code varchar(3), name varchar(20), fixed char(2), price price, weight numeric(6, 1),
    day date, other_day date, at timestamptz, every interval, host inet, span int4range, tags varchar(4)[], size real,
    words tsvector, total int generated always as (length(code)) stored
  );
  create table logged (id int primary key, day date, said text);
  create function log_day() returns trigger language plpgsql as
    $$ begin perform new.said::date; return new; end $$;
  create trigger log_day before insert on logged for each row execute function log_day();
  create function days_until(day date, name text) returns int language sql stable as
    'select $1 - current_date + length($2)';
  create function as_day(word text) returns date language plpgsql stable as $$ begin return word::date; end $$;
`;
const ROW = { id: 1, code: 'abc', day: '2024-01-31' };

type Case = readonly [call: (db: DatabaseHandle) => Promise<unknown>, sqlState: string, field: string];
/** What Postgres alone refuses, and the column that the value was for. */
const NAMED: Readonly<Record<string, Case>> = {
  'a day of a row': [(db) => db.insert('things', { ...ROW, other_day: '2024-31-12x' }), '22007', 'other_day'],
  'a day of a row among many': [
    (db) => db.insert('things', [ROW, { id: 2, code: 'x', day: 'noday 1' }]),
    '22007',
    'day',
  ],
  'a day out of range': [(db) => db.update('things', { day: 'Feb 30, 2024' }, { all: true }), '22008', 'day'],
  'a time': [(db) => db.upsert('things', { ...ROW, at: '2024-01-31 25:61' }), '22008', 'at'],
  'a length of time': [(db) => db.insert('things', { ...ROW, every: 'long' }), '22007', 'every'],
  'an address': [(db) => db.insert('things', { ...ROW, host: '300.0.0.1' }), '22P02', 'host'],
  'a range out of order': [(db) => db.insert('things', { ...ROW, span: '[3,1]' }), '22000', 'span'],
  'a range that is none': [(db) => db.select('things', { filters: { span: op.eq('[3') } }), '22P02', 'span'],
  'a text that is too long': [(db) => db.insert('things', { ...ROW, code: 'four' }), '22001', 'code'],
  'a text that is too long, among many rows': [
    (db) => db.insert('things', [ROW, { ...ROW, id: 2, code: 'four' }]),
    '22001',
    'code',
  ],
  'one of two texts of that length': [
    (db) => db.update('things', { code: 'ok', name: 'n'.repeat(21) }, { all: true }),
    '22001',
    'name',
  ],
  'a text of fixed length': [(db) => db.insert('things', { ...ROW, fixed: 'xyz' }), '22001', 'fixed'],
  'an element that is too long': [
    (db) => db.insert('things', { ...ROW, tags: ['a', 'abcde'] }),
    '22001',
    'tags',
  ],
  'a number with too many digits': [
    (db) => db.insert('things', { ...ROW, price: 1000, weight: 5 }),
    '22003',
    'price',
  ],
  'a number that is rounded up': [
    (db) => db.insert('things', { ...ROW, weight: '99999.96' }),
    '22003',
    'weight',
  ],
  'a float out of range': [(db) => db.insert('things', { ...ROW, size: '1e60' }), '22003', 'size'],
  'a filter': [(db) => db.count('things', { filters: { id: 1, day: 'no day 1' } }), '22007', 'day'],
  'one of several': [
    (db) => db.select('things', { filters: { day: op.in(['2024-01-31', 'x 1']) } }),
    '22007',
    'day',
  ],
  'a filter of a delete': [(db) => db.delete('things', { filters: { at: op.lt('x 1') } }), '22007', 'at'],
  'a filter inside op.or': [
    (db) => db.select('things', { filters: [op.or({ id: 1 }, { other_day: op.gt('x 1') })] }),
    '22007',
    'other_day',
  ],
  'a position': [
    (db) => db.select('things', { orderBy: ['day', 'id'], after: { day: 'x 1', id: 1 } }),
    '22007',
    'day',
  ],
  'a row as it was': [
    (db) => db.update('things', { name: 'x' }, { filters: { id: 1 }, unchanged: { day: 'x 1' } }),
    '22007',
    'day',
  ],
  'a regular expression': [
    (db) => db.select('things', { filters: { name: op.match('(') } }),
    '2201B',
    'name',
  ],
  'a text search': [
    (db) => db.select('things', { filters: { words: op.textSearch('a &') } }),
    '42601',
    'words',
  ],
  'an argument': [(db) => db.rpc('days_until', { day: 'x 1', name: 'b' }), '22007', 'day'],
  'the second of a batch': [
    (db) => db.batch([db.build.count('things'), db.build.insert('things', { ...ROW, host: 'x' })]),
    '22P02',
    'host',
  ],
};

/** Values that only Postgres reads, and that no bound value can be blamed for with certainty. */
const UNNAMED: Readonly<Record<string, Case[0]>> = {
  'in a trigger, as another type': (db) => db.insert('logged', { id: 1, day: '2024-01-31', said: 'x 1' }),
  'in a function': (db) => db.rpc('as_day', { word: 'x 1' }),
  'in the data': (db) => db.select('docs', { filters: [path('meta', 'n').as('integer').where(1)] }),
  'in raw SQL': (db) => db.sql`select ${'x 1'}::text::date`,
};

describeEveryMode(
  'a value that only Postgres refuses',
  `${SQL} create table docs (id int primary key, meta jsonb); insert into docs values (1, '{"n": "s3cret"}');`,
  (modes) => {
    const isTold = async (call: () => Promise<unknown>, [, sqlState, field]: Case) => {
      const error = await refusalOf(call);
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ code: 'INVALID_VALUE', sqlState, field, outcome: 'not-applied' });
      expect(error.message).toMatch(
        field === 'day' || field === 'name'
          ? new RegExp(`the value of (column|argument) "${field}" of `)
          : `the value of column "${field}" of "things"`,
      );
      expect(JSON.stringify([error, error.message])).not.toMatch(
        /x 1|four|abcde|no day|300\.0|1e60|2024|Feb|\[3/,
      );
      expect(publicError(error)).toMatchObject({ status: 400, code: 'INVALID_VALUE', field });
    };

    describe.each(MODES)('in %s mode', (mode) => {
      it.each(Object.entries(NAMED))('names its column: %s', async (_what, one) => {
        await using db = modes.service(mode);
        await isTold(() => one[0](db.as(service())), one);
      });

      it.each(Object.entries(UNNAMED))('names none where it cannot tell: %s', async (_what, call) => {
        await using db = modes.service(mode);
        const error = await refusalOf(() => call(db.as(service())));
        expect(error).toMatchObject({ statusCode: 400, field: undefined });
        expect(JSON.stringify([error, error.message])).not.toMatch(/x 1|s3cret/);
      });

      it('names those that it may be, where it may be several', async () => {
        await using db = modes.service(mode);
        const rows = [{ id: 1, day: 'x 1', other_day: 'x 1' }, ROW].map((row) => ({ ...row, code: 'a' }));
        const both = { ...rows[1]!, other_day: '2024-01-31' };
        const error = await refusalOf(() => db.as(service()).insert('things', [rows[0]!, both]));
        expect(error).toMatchObject({ sqlState: '22007', field: undefined });
        expect(error.message).toContain('column "day" of "things" or column "other_day" of "things"');
        expect(error.message).not.toContain('x 1');
      });

      it('names none where the caller has changed its objects since', async () => {
        await using db = modes.service(mode);
        const mine = db.as(service());
        // From here on a call is compiled at once.
        await mine.count('things');
        const row = { id: 1, day: 'x 1', other_day: '2024-01-31' };
        const call = mine.insert('things', [row, { ...row, id: 2, day: '2024-01-31' }]);
        [row.day, row.other_day] = [row.other_day, row.day];
        expect(await refusalOf(() => call)).toMatchObject({ sqlState: '22007', field: undefined });
      });
    });

    describe.each(PINNED)('inside a transaction in %s mode', (mode) => {
      it.each(Object.entries(NAMED))('names its column: %s', async (_what, one) => {
        await using db = modes.service(mode);
        const mine = db.as(service());
        await isTold(() => mine.transaction((tx) => one[0](tx as unknown as DatabaseHandle)), one);
      });

      it('names the column of a filter of a stream', async () => {
        await using db = modes.service(mode);
        const rows = db.as(service()).stream('things', { filters: { day: 'x 1' } });
        const error = await refusalOf(() => rows[Symbol.asyncIterator]().next());
        expect(error).toMatchObject({ sqlState: '22007', field: 'day' });
      });
    });

    it.each(MODES)('leaves a value in the text of raw SQL to whoever wrote it, in %s mode', async (mode) => {
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(service()).sql`select date 'x 1'`);
      expect(error).toBeInstanceOf(UsageError);
      expect(error.field).toBeUndefined();
    });
  },
);
