import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  type DatabaseHandle,
  type ModeName,
  user,
} from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { describeEveryMode, MODES } from './every-mode.ts';

const ANN = user({ sub: '00000000-0000-4000-8000-00000000000a' });
const BEN = user({ sub: '00000000-0000-4000-8000-00000000000b' });

const SQL = `
  create table doors (name text, value text);
  create function leave(name text, value text) returns text language sql volatile
    as $$ select set_config(name, value, false) $$;
  create function leave_by_trigger() returns trigger language plpgsql as
    $$ begin perform set_config(new.name, new.value, false); return null; end $$;
  create trigger leave before insert on doors for each row execute function leave_by_trigger();
  create function leave_lock() returns void language sql volatile as $$ select pg_advisory_lock(77) $$;
  create function leave_table() returns void language plpgsql volatile as
    $$ begin create temp table notes (id int); insert into pg_temp.notes values (666); create temp table mine (id int); end $$;
  create table notes (id int);
  insert into notes values (1);
  create table tenants (id int, tenant text);
  alter table tenants enable row level security;
  create policy by_setting on tenants to authenticated using (tenant = current_setting('app.tenant', true));
  insert into tenants values (1, 'ann'), (2, 'ben');
  create table words (id int, body text);
  insert into words values (1, 'running dogs');
  create table many (id int, tags int[]);
  insert into many select i, array[1, 2] from generate_series(1, 3000) i;
  create index on many using gin (tags);
  create function fuzzy() returns bigint language sql stable set enable_seqscan = off
    as $$ select count(*) from many where tags @> array[1] $$;
  create function put_table() returns trigger language plpgsql as $$ begin perform leave_table(); return null; end $$;
  create table table_doors (id int);
  create trigger put_table before insert on table_doors for each row execute function put_table();
`;

/** How somebody leaves a setting behind. */
type Leave = (db: DatabaseHandle, name: string, value: string) => Promise<unknown>;
const WAYS: Readonly<Record<string, Leave>> = {
  'raw SQL': (db, name, value) => db.sql`select set_config(${name}, ${value}, false) as set`,
  'a function': (db, name, value) => db.rpc('leave', { name, value }),
  'a trigger': (db, name, value) => db.insert('doors', { name, value }, { returning: false }),
  'a function in a batch': (db, name, value) => db.batch([db.build.rpc('leave', { name, value })]),
};
const HELD: typeof WAYS = {
  'a function inside a transaction': (db, name, value) =>
    db.transaction((tx) => tx.rpc('leave', { name, value })),
  'raw SQL inside a transaction': (db, name, value) =>
    db.transaction((tx) => tx.sql`select set_config(${name}, ${value}, false) as set`),
};

type Question = readonly [name: string, value: string, ask: (db: DatabaseHandle) => Promise<unknown>];

/** What the next user asks, whose answer must not change. */
const ANSWERS: readonly Question[] = [
  ['app.tenant', 'ben', (db) => db.select('tenants')],
  ['request.headers', '{"x": "forged"}', (db) => setting(db, 'request.headers')],
  ['request.path', '/forged', (db) => setting(db, 'request.path')],
  ['gin_fuzzy_search_limit', '1', (db) => db.rpc('fuzzy')],
  [
    'default_text_search_config',
    'pg_catalog.simple',
    (db) => db.sql`select to_tsvector(body)::text from words`,
  ],
  ['quote_all_identifiers', 'on', (db) => db.sql`select quote_ident('plain') as name`],
  ['default_transaction_isolation', 'serializable', (db) => setting(db, 'transaction_isolation')],
  ['default_transaction_isolation', 'repeatable read', (db) => setting(db, 'transaction_isolation')],
  ['standard_conforming_strings', 'off', (db) => db.sql`select ${'x'}::text || 'a\\b' as name`],
  ['transaction_timeout', '1h', (db) => setting(db, 'transaction_timeout')],
  ['idle_in_transaction_session_timeout', '1h', (db) => setting(db, 'idle_in_transaction_session_timeout')],
  ['plan_cache_mode', 'force_generic_plan', (db) => setting(db, 'plan_cache_mode')],
  ['hnsw.ef_search', '1', (db) => setting(db, 'hnsw.ef_search')],
];

/** The same of what each call pins, or recovers from. */
const SHIELDED: readonly Question[] = [
  ['default_transaction_read_only', 'on', (db) => db.rpc('leave', { name: 'app.nothing', value: '' })],
  ['role', 'anon', (db) => db.sql`select current_user::text as role`],
  ['search_path', 'pg_temp', (db) => db.select('words')],
  ['timezone', 'Asia/Tokyo', (db) => db.sql`select '2024-01-01 00:00+00'::timestamptz as at`],
];

const setting = async (db: DatabaseHandle, name: string) =>
  db.sql`select nullif(current_setting(${name}, true), '') as value`;

describeEveryMode('what one user leaves behind', SQL, (modes) => {
  /** Every setting that a user may change, with another value. */
  async function settings(mode: ModeName): Promise<{ name: string; other: string }[]> {
    const rows = await modes.query<
      Record<'name' | 'vartype' | 'setting' | 'min_val' | 'max_val', string> & { enumvals: string[] | null }
    >(
      mode,
      `select name, vartype, setting, min_val, max_val, enumvals from pg_settings where context = 'user' order by name`,
    );
    const other = ({ vartype, setting, min_val, max_val, enumvals }: (typeof rows)[number]): string => {
      if (vartype === 'bool') return setting === 'on' ? 'off' : 'on';
      if (vartype === 'enum') return enumvals?.find((one) => one !== setting) ?? setting;
      if (vartype === 'string') return 'left_behind';
      return setting === min_val ? max_val : min_val;
    };
    return rows
      .filter(({ name }) => !OF_THE_CALL.has(name))
      .map((row) => ({ name: row.name, other: other(row) }));
  }

  async function seenBy(db: ConsolidatedDatabaseService): Promise<Map<string, string>> {
    const rows = await db.as(BEN).sql<{ name: string; setting: string }>`
      select name, setting from pg_settings where context = 'user'`;
    return new Map(
      rows.filter(({ name }) => !OF_THE_CALL.has(name)).map(({ name, setting }) => [name, setting]),
    );
  }

  /** Nothing of the tests before is left: a pooler and an embedded database live on. */
  async function clean(mode: ModeName): Promise<void> {
    if (mode === 'embedded') return void (await modes.query(mode, 'discard all'));
    if (mode === 'transaction')
      await withSession(modes.stack.user.transaction, ({ query }) => query('discard all'));
  }

  describe.each(MODES)('in %s mode', (mode) => {
    beforeEach(() => clean(mode));
    afterEach(() => clean(mode));

    const ways = Object.entries(mode === 'transaction' ? WAYS : { ...WAYS, ...HELD });

    describe.each(ways)('by %s', (_way, leave) => {
      it('no setting that a user may change reaches the next one', async () => {
        await using db = modes.service(mode);
        const before = await seenBy(db);
        const changed: string[] = [];
        let left = 0;
        for (const { name, other } of await settings(mode)) {
          const done = await leave(db.as(ANN), name, other).then(
            () => true,
            () => false,
          );
          if (done) left += 1;
          const after = await seenBy(db).catch(
            (error: unknown) => new Map([...before.keys()].map((seen) => [seen, String(error)])),
          );
          for (const [seen, value] of after)
            if (before.has(seen) && before.get(seen) !== value) changed.push(`${name}: ${seen}`);
          if (changed.length > 0 && changed.at(-1)?.startsWith(`${name}:`)) break;
        }
        expect(changed).toEqual([]);
        expect(left).toBeGreaterThan(80);
      });

      const ask = async (name: string, value: string, question: (db: DatabaseHandle) => Promise<unknown>) => {
        await using db = modes.service(mode);
        const before = await question(db.as(BEN));
        await leave(db.as(ANN), name, value);
        expect(await question(db.as(BEN))).toEqual(before);
      };

      it.each([...ANSWERS, ...SHIELDED])('%s does not change the answer to the next one', ask);
    });

    const MAKING: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
      'a function': (db) => db.rpc('leave_table'),
      'a trigger': (db) => db.insert('table_doors', { id: 1 }, { returning: false }),
      ...(mode !== 'transaction' && {
        'raw SQL': async (db) => {
          await db.sql`create temp table notes (id int)`;
          await db.sql`create temp table mine (id int)`;
        },
      }),
    };

    describe.each(Object.entries(MAKING))('a temporary table of %s', (_way, make) => {
      it('does not stand before a real one for the next user', async () => {
        await using db = modes.service(mode);
        await make(db.as(ANN));
        expect(await db.as(BEN).select('notes')).toEqual([{ id: 1 }]);
        expect(await db.as(BEN).sql`select id from notes`).toEqual([{ id: 1 }]);
      });

      it('is not seen by the next user', async () => {
        await using db = modes.service(mode);
        await make(db.as(ANN));
        expect(await db.as(BEN).sql`select to_regclass('pg_temp.mine')::text as mine`).toEqual([
          { mine: null },
        ]);
        await expect(db.as(BEN).sql`select id from mine`).rejects.toMatchObject({ sqlState: '42P01' });
      });

      it("is in nobody's way when it is made again", async () => {
        await using db = modes.service(mode);
        await make(db.as(ANN));
        await make(db.as(BEN));
      });
    });

    describe.each<[string, (db: DatabaseHandle) => Promise<unknown>]>([
      ['raw SQL', (db) => db.sql`select pg_advisory_lock(${77}::bigint)::text as done`],
      ['a function', (db) => db.rpc('leave_lock')],
    ])('an advisory lock of the session by %s', (_way, lock) => {
      it('ends before the next call on its connection', async () => {
        await using db = modes.service(mode);
        await lock(db.as(ANN));
        await db.as(BEN).select('notes');
        const held = await modes.query(
          mode,
          `select 1 from pg_locks where locktype = 'advisory' and objid = 77
           and database = (select oid from pg_database where datname = current_database())`,
        );
        expect(held).toEqual([]);
      });
    });
  });
});

/**
 * Set by each call for itself, or about the connection and not about answers. Two are in force for the transaction that a
 * batch begins with: `transaction_deferrable` means something for serializable reads only, which no batch is, and a write
 * that `transaction_read_only` refuses is sent again.
 */
const OF_THE_CALL = new Set([
  'statement_timeout',
  'application_name',
  'session_authorization',
  'role',
  'transaction_deferrable',
  'transaction_read_only',
]);
