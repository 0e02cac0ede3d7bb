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
  create table ledger (id int primary key, code text unique, amount int not null check (amount > 0));
  revoke all on ledger from anon, authenticated;
  create function book() returns trigger language plpgsql security definer as
    $$ begin insert into ledger values (new.id, new.code, new.amount); return new; end $$;
  create table orders (id int primary key, code text, amount int);
  create trigger book after insert on orders for each row execute function book();
  insert into ledger values (7, 'seven', 7);
  create view pay with (security_invoker) as select * from salaries;
  create table teams (id int primary key, code text unique, nickname text not null, birthplace text default 'here' unique);
  alter table teams enable row level security;
  create policy paid on teams for select using (exists (select from salaries s where s.id = teams.id));
  create policy any_row on teams for insert with check (true);
  revoke all on teams from anon, authenticated;
  grant select (id, code), insert (id, code, nickname) on teams to authenticated;
  create table mail (id int primary key, body text);
  alter table mail enable row level security;
  create policy any_mail on mail for insert to authenticated with check (id > 0);
  create table events (id int, code text, primary key (id)) partition by range (id);
  create table events_early partition of events for values from (0) to (100);
  revoke all on events_early from anon, authenticated;
  insert into events values (7, 'seven');
  grant select, insert on orders, pay, mail, events to authenticated;
  create schema hidden;
  create table hidden.mail (id int primary key);
  create sequence hidden.seq;
  create function next_hidden() returns int language plpgsql as $$ begin return nextval('hidden.seq'); end $$;
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

    it.each<[string, (db: DatabaseHandle) => Promise<unknown>, string, RegExp]>([
      ['dynamic SQL', (db) => db.rpc('run', { words: 'select 1 from salaries' }), '42501', /salaries/],
      [
        'a function that dynamic SQL calls',
        (db) => db.rpc('look', { words: 'count_salaries()' }),
        '42501',
        /count_salaries/,
      ],
      [
        'a column in dynamic SQL',
        (db) => db.rpc('look', { words: 'count(birthplace) from staff' }),
        '42501',
        /birthplace/,
      ],
      ['a schema in a function', (db) => db.rpc('next_hidden'), '42501', /hidden/],
      ['a view', (db) => db.select('pay'), '42501', /salaries/],
      ['a policy', (db) => db.select('teams', { columns: ['id'] }), '42501', /salaries/],
      [
        'a unique key of a table of a trigger',
        (db) => db.insert('orders', { id: 1, code: 'seven', amount: 1 }),
        '23505',
        /ledger/,
      ],
      [
        'a check of a table of a trigger',
        (db) => db.insert('orders', { id: 1, code: 'x', amount: -1 }),
        '23514',
        /ledger/,
      ],
      [
        'a column of a table of a trigger',
        (db) => db.insert('orders', { id: 1, code: 'x' }),
        '23502',
        /ledger|amount/,
      ],
    ])(
      'name nothing that the role has no right on, from within %s',
      async (_name, call, sqlState, hidden) => {
        await using db = modes.service(mode);
        const error = await refusalOf(() => call(db.as(ME)));
        expect(error.sqlState).toBe(sqlState);
        expect(told(error)).not.toMatch(hidden);
        expect([error.relation, error.constraint, error.field]).toEqual([undefined, undefined, undefined]);
        // Nothing is kept from a role that no policy applies to.
        const mine = await db
          .as(service())
          .insert('orders', { id: 2, code: 'seven', amount: 1 })
          .catch((caught) => caught);
        expect(mine).toMatchObject({ relation: 'ledger', constraint: 'ledger_code_key', field: 'code' });
      },
    );

    it('name the table, and no column or constraint, where the role has rights on some columns only', async () => {
      await using db = modes.service(mode);
      const mine = db.as(ME);
      const options = { returning: false } as const;
      const row = { id: 1, code: 'a', nickname: 'b' };
      await db.as(service()).insert('teams', row);
      const taken = await refusalOf(() => mine.insert('teams', { ...row, id: 2 }, options));
      const hidden = await refusalOf(() => mine.insert('teams', { ...row, id: 2, code: 'x' }, options));
      const missing = await refusalOf(() => mine.insert('teams', { id: 2, code: 'y' }, options));
      await db.as(service()).delete('teams', { all: true });
      expect(taken).toMatchObject({ relation: 'teams', constraint: 'teams_code_key', field: 'code' });
      expect(hidden).toMatchObject({
        sqlState: '23505',
        relation: 'teams',
        constraint: undefined,
        field: undefined,
      });
      expect(told(hidden)).not.toContain('birthplace');
      expect(missing).toMatchObject({ sqlState: '23502', relation: 'teams', field: 'nickname' });
    });

    it('name the column of a unique key, also in a partition, and by the schema that the server names', async () => {
      await using db = modes.service(mode);
      const options = { returning: false } as const;
      const taken = await refusalOf(() => db.as(ME).insert('events', { id: 7, code: 'x' }));
      expect(taken).toMatchObject({ sqlState: '23505', relation: 'events_early', field: 'id' });
      await db.as(ME).insert('mail', { id: 1, body: 'a' }, options);
      const twice = await refusalOf(() => db.as(ME).insert('mail', { id: 1, body: 'a' }, options));
      await db.as(service()).delete('mail', { all: true });
      expect(twice).toMatchObject({ sqlState: '23505', constraint: 'mail_pkey', field: 'id' });
    });

    it("say 'returning: false' where no policy lets the role read what it wrote, and not elsewhere", async () => {
      await using db = modes.service(mode);
      const hint = expect.stringContaining("pass 'returning: false'");
      const refused = await refusalOf(() => db.as(ME).insert('mail', { id: 1 }));
      expect(refused).toMatchObject({ code: 'FORBIDDEN', relation: 'mail', hint });
      const wrong = await refusalOf(() => db.as(ME).insert('mail', { id: 0 }, { returning: false }));
      expect(wrong).toMatchObject({ code: 'FORBIDDEN', relation: 'mail', hint: undefined });
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
