import { describe, expect, it } from 'vitest';
import { anonymous, type DatabaseHandle, fragment, type Identity, service, user } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const ME = user({ sub: '00000000-0000-4000-8000-00000000000a' });
const INPUT = 'topsecretinput';

const SQL = `
  create table salaries (id int primary key, amount int);
  revoke all on salaries from anon, authenticated;
  create table staff (id int primary key, nickname text, birthplace text);
  revoke all on staff from anon, authenticated;
  grant select (id, nickname), insert (id, nickname) on staff to authenticated, anon;
  create function count_salaries() returns int language sql stable as 'select 1';
  revoke execute on function count_salaries() from public, anon, authenticated;
  create function describe_staff(id int, birthplace text) returns int language sql stable as 'select 1';
  revoke execute on function describe_staff(int, text) from public, anon, authenticated;
  create table trips (id int primary key, title text);
  create function count_trips() returns int language sql stable as 'select 1';
  create function run(words text) returns void language plpgsql volatile as $$ begin execute words; end $$;
  create function look(words text) returns int language plpgsql stable as
    $$ declare n int; begin execute 'select ' || words into n; return n; end $$;
  create function refuse() returns void language plpgsql stable as
    $$ begin raise exception 'the trip is full' using errcode = '0A000', hint = 'take the next one'; end $$;
  create function unset() returns int language plpgsql stable as $$ declare r record; begin return r.id; end $$;
  create function file_trip() returns int language plpgsql stable as
    $$ begin insert into trips values (1, 'A'); return 1; end $$;
  create function file_trip_in_sql() returns setof trips language sql stable as $$ delete from trips returning * $$;
  create table badges (holder int, code text, shelf text, primary key (holder, shelf), unique (code));
  revoke all on badges from anon, authenticated;
  grant select (holder, code), insert (holder, code), update (code) on badges to authenticated, anon;
`;

/** Names that are nearly those of what the role has no right on, and what must not be told. */
const NEARLY: Readonly<Record<string, readonly [(db: DatabaseHandle) => Promise<unknown>, string]>> = {
  'a table': [(db) => db.select('salarie'), 'salaries'],
  'a table of a write': [(db) => db.insert('salarys', { id: 1 }), 'salaries'],
  'a table of a batch': [(db) => db.batch([db.build.count('salarie')]), 'salaries'],
  'a column': [(db) => db.select('staff', { columns: ['birthplac'] }), 'birthplace'],
  'a column of a filter': [
    (db) => db.select('staff', { columns: ['id'], filters: { birthplac: 'x' } }),
    'birthplace',
  ],
  'a column of an order': [
    (db) => db.select('staff', { columns: ['id'], orderBy: 'birthplac' }),
    'birthplace',
  ],
  'a column of a write': [(db) => db.insert('staff', { id: 1, birthplac: 'x' }), 'birthplace'],
  'a function': [(db) => db.rpc('count_salarie'), 'count_salaries'],
  'the arguments of a function': [(db) => db.rpc('describe_staff', { idd: 1 }), 'birthplace'],
  'the key of an upsert': [(db) => db.upsert('badges', { holder: 1, code: 'x' }), 'shelf'],
  'the keys of a table': [
    (db) => db.upsert('badges', { holder: 1, code: 'x' }, { onConflict: 'holder' }),
    'shelf',
  ],
  'the order of a page': [
    (db) => db.select('badges', { columns: ['holder'], orderBy: 'holder', after: { holder: 1 } }),
    'shelf',
  ],
  'a column in raw SQL': [(db) => db.sql`select birthplac from staff`, 'birthplace'],
};
/** Dynamic SQL of a function, with what a caller gave. */
const DYNAMIC: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
  'a syntax error': (db) => db.rpc('run', { words: INPUT }),
  'a column that is not there': (db) => db.rpc('look', { words: INPUT }),
  'a table that is not there': (db) => db.rpc('run', { words: `select 1 from ${INPUT}` }),
  'a schema that is not there': (db) => db.rpc('run', { words: `select 1 from ${INPUT}.x` }),
  'a function that is not there': (db) => db.rpc('look', { words: `${INPUT}(1)` }),
  'a type that is not there': (db) => db.rpc('look', { words: `1::${INPUT}` }),
  'a text that does not end': (db) => db.rpc('look', { words: `'${INPUT}` }),
  'a quoted name': (db) => db.rpc('look', { words: `"${INPUT} and more"` }),
  'a setting': (db) => db.rpc('run', { words: `set ${INPUT} = 1` }),
  'raw SQL with dynamic SQL inside': (db) => db.sql`select look(${INPUT})`,
  'a cast': (db) => db.rpc('look', { words: `'${INPUT}'::int` }),
  'a role': (db) => db.rpc('run', { words: `set role ${INPUT}` }),
  'a cursor': (db) => db.rpc('run', { words: `close ${INPUT}` }),
  'raw SQL by a cast': (db) => db.sql`select ${INPUT}::text::int`,
  'raw SQL by a name of a table': (db) => db.sql`select ${INPUT}::text::regclass`,
  'raw SQL by a name of a type': (db) => db.sql`select ${INPUT}::text::regtype`,
  'raw SQL by a setting': (db) => db.sql`select set_config(${INPUT}, '1', true)`,
  'raw SQL by a query as a text': (db) => db.sql`select query_to_xml(${INPUT}, true, true, '')`,
};

describeEveryMode('hints', SQL, (modes) => {
  const told = (error: { toJSON(): unknown; message: string }) =>
    JSON.stringify([error.toJSON(), error.message]);
  const WHO: readonly (readonly [string, Identity])[] = [
    ['a user', ME],
    ['an anonymous caller', anonymous()],
  ];

  describe.each(MODES)('in %s mode', (mode) => {
    describe.each(WHO)('to %s', (_who, identity) => {
      describe.each(Object.entries(NEARLY))('about %s', (_name, [call, hidden]) => {
        it('name nothing that the role has no right on', async () => {
          await using db = modes.service(mode);
          // The service has seen it all before.
          await db.as(service()).select('salaries');
          expect(told(await refusalOf(() => call(db.as(identity))))).not.toContain(hidden);
        });
      });

      it('do not tell what is forbidden from what is not there', async () => {
        await using db = modes.service(mode);
        const forbidden = await refusalOf(() => db.as(identity).select('salaries'));
        expect(forbidden.outcome).toBe('not-applied');
        expect(forbidden.hint ?? '').not.toContain('amount');
      });
    });

    it.each<[string, (db: DatabaseHandle) => Promise<unknown>, string]>([
      ['a table', (db) => db.select('trip'), 'trips'],
      ['a column', (db) => db.select('trips', { columns: ['titl'] }), 'title'],
      ['a function', (db) => db.rpc('count_trip'), 'count_trips'],
    ])('name %s that the role may use', async (_name, call, hint) => {
      await using db = modes.service(mode);
      for (const identity of [ME, anonymous(), service()])
        expect(told(await refusalOf(() => call(db.as(identity))))).toContain(hint);
    });

    it.each(Object.entries(DYNAMIC))(
      'and messages of dynamic SQL do not quote what was given: %s',
      async (_name, call) => {
        await using db = modes.service(mode);
        const error = await refusalOf(() => call(db.as(ME)));
        expect(error.sqlState).toMatch(/^[0-9A-Z]{5}$/);
        expect(told(error)).not.toContain(INPUT);
      },
    );

    it.each(['file_trip', 'file_trip_in_sql'])('tell how a function may write: %s', async (name) => {
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(service()).rpc(name));
      expect(error).toMatchObject({ name: 'UsageError', code: 'INVALID_STATEMENT', sqlState: '0A000' });
      expect(error.hint).toContain('Declare the function as volatile');
    });

    it('name what was not in the state that a function needs', async () => {
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(service()).rpc('unset'));
      expect(error).toMatchObject({ name: 'UsageError', code: 'INVALID_STATEMENT', sqlState: '55000' });
      expect(error.hint).toContain("The server's log");
    });

    it('and what a function raises itself is told, with its hint', async () => {
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(ME).rpc('refuse'));
      expect(told(error)).toContain('the trip is full');
      expect(told(error)).toContain('take the next one');
    });
  });

  it.each(PINNED)('inside a transaction name nothing hidden either, in %s mode', async (mode) => {
    await using db = modes.service(mode);
    for (const [call, hidden] of Object.values(NEARLY)) {
      const error = await refusalOf(() =>
        db.as(ME).transaction((tx) => call(tx as unknown as DatabaseHandle)),
      );
      expect(told(error)).not.toContain(hidden);
    }
  });

  it.each(PINNED)('of a stream name nothing hidden either, in %s mode', async (mode) => {
    await using db = modes.service(mode);
    const error = await refusalOf(() => db.as(ME).stream('salarie')[Symbol.asyncIterator]().next());
    expect(told(error)).not.toContain('salaries');
    const raw = await refusalOf(() =>
      db.as(ME).stream(fragment`select look(${INPUT})`)[Symbol.asyncIterator]().next(),
    );
    expect(told(raw)).not.toContain(INPUT);
  });
});
