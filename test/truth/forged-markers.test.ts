import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, path, service } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const MARKERS = [
  'cdb:expect:7',
  '"cdb:expect:7"',
  'invalid input syntax for type integer: "cdb:expect:7"',
  'cdb_savepoint_1',
  'cdb:begin',
  '["nonce", [], "nonce"]',
];

const SQL = `
  create table notes (id int primary key, body text, meta jsonb, number int);
  create function as_number(given text) returns int language sql immutable as $$ select given::int $$;
  create function as_long(given text) returns bigint language plpgsql volatile as $$ begin return given::bigint; end $$;
  create function complain(given text) returns int language plpgsql volatile
    as $$ begin raise exception using errcode = '22P02', message = 'invalid input syntax for type bigint: "' || given || '"'; end $$;
  create function cast_body() returns trigger language plpgsql as $$ begin new.number := new.body::int; return new; end $$;
  create table cast_notes (id int primary key, body text, number int);
  create trigger cast_body before insert or update on cast_notes for each row execute function cast_body();
`;

/** A value that is cast to a number by the database, and is none. */
const CASTS: Readonly<Record<string, (db: DatabaseHandle, value: string) => Promise<unknown>>> = {
  'a function': (db, value) => db.rpc('as_number', { given: value }),
  'a function that writes': (db, value) => db.rpc('as_long', { given: value }),
  'raw SQL': (db, value) => db.sql`select ${value}::text::int as n`,
  'raw SQL that writes': (db, value) =>
    db.sql`insert into notes (id) values (${value}::text::int8) returning id`,
  'a trigger': (db, value) => db.insert('cast_notes', { id: 1, body: value }),
  'a trigger of a write that expects a number of rows': (db, value) =>
    db.insert('cast_notes', { id: 1, body: value }, { expect: 1 }),
  'a trigger in a batch': (db, value) => db.batch([db.build.insert('cast_notes', { id: 1, body: value })]),
};

describeEveryMode('a value that looks like a mark of the service', SQL, (modes) => {
  describe.each(MODES)('in %s mode', (mode) => {
    describe.each(Object.entries(CASTS))('cast by %s', (_name, cast) => {
      it.each(MARKERS.slice(0, 3))('is no number like any other text: %s', (marker) => isNoNumber(marker));
      it.each(MARKERS.slice(3))('is no number like any other text: %s', (marker) => isNoNumber(marker));

      async function isNoNumber(marker: string): Promise<void> {
        await using db = modes.service(mode);
        const plain = await refusalOf(() => cast(db.as(service()), 'plain words'));
        const error = await refusalOf(() => cast(db.as(service()), marker));
        expect(error.toJSON()).toEqual(plain.toJSON());
        expect(error).toMatchObject({ name: 'ValidationError', sqlState: '22P02', outcome: 'not-applied' });
        expect(error.message).not.toContain('cdb:');
      }
    });

    it.each(MARKERS)('is the text of a function that raises it: %s', async (marker) => {
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(service()).rpc('complain', { given: marker }));
      expect(error).toMatchObject({ name: 'ValidationError', code: 'RAISED', sqlState: '22P02' });
      expect(error.message).toBe(`invalid input syntax for type bigint: "${marker}"`);
    });

    it.each(MARKERS)('is stored and found as it is: %s', async (marker) => {
      await modes.query(mode, 'truncate notes');
      await using db = modes.service(mode);
      const mine = db.as(service());
      const row = { id: 1, body: marker, meta: { [marker]: marker }, number: null };
      expect(await mine.insert('notes', row, { expect: 1 })).toEqual(row);
      expect(await mine.update('notes', { body: marker }, { filters: { body: marker }, expect: 1 })).toEqual([
        row,
      ]);
      expect(await mine.select('notes', { filters: [path('meta', marker).where(marker)] })).toEqual([row]);
      expect(await mine.sql`select ${marker}::text as it`).toEqual([{ it: marker }]);
    });

    it('does not stand for the number of rows that an expectation names', async () => {
      await modes.query(mode, 'truncate notes');
      await using db = modes.service(mode);
      const mine = db.as(service());
      await mine.insert('notes', { id: 1, body: 'cdb:expect:7' });
      const error = await refusalOf(() =>
        mine.update('notes', { body: 'changed' }, { filters: { body: 'cdb:expect:7' }, expect: 2 }),
      );
      expect(error).toMatchObject({ name: 'NotFoundError', outcome: 'not-applied' });
      expect(await modes.query(mode, 'select body from notes')).toEqual([{ body: 'cdb:expect:7' }]);
    });
  });

  it.each(PINNED)('inside a transaction is no number either, in %s mode', async (mode) => {
    await using db = modes.service(mode);
    const error = await refusalOf(() =>
      db.as(service()).transaction((tx) => tx.rpc('as_number', { given: 'cdb:expect:7' })),
    );
    expect(error).toMatchObject({ name: 'ValidationError', sqlState: '22P02' });
  });
});
