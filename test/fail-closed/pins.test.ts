import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionMode } from '../../src/contract/mode.ts';
import { quoteName, quoteText, withSession } from '../../stack/sql-session.ts';
import { limits } from '../modes/conformance.ts';
import { modeOver } from '../modes/open-mode.ts';
import { ANNA, BORIS, NOTES_SQL, statement, textRows, userActor } from '../modes/plans.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const SQL = `${NOTES_SQL}
  create table public.samples (
    at timestamptz default '2024-01-01 00:00+00', day date default '2024-02-01',
    long interval default '1 day 02:00:00', bytes bytea default '\\xff00',
    exact float8 default 0.30000000000000004
  );
  insert into public.samples default values;
  create table public.places as select 'the real one'::text as name;
  create table public.locked as select 1 as id;
  create schema other;
  create table other.places as select 'the other one'::text as name;
  grant usage on schema other to public;
  grant select on public.samples, public.places, public.locked, other.places to authenticated;
  create function public.make_shadow() returns text language plpgsql as $$ begin
    create temp table places as select 'the temporary one'::text as name;
    return 'made';
  end $$;
`;

const CLAIMS_OF_ANNA = JSON.stringify({ sub: ANNA, role: 'service_role', email: 'anna@example.test' });

/** What the next user asks, as one text. */
interface Question {
  readonly sql: string;
  readonly values?: readonly string[];
  readonly answer: string | null;
  /** The answer waits for a lock that somebody else holds for a while. */
  readonly waits?: true;
}

const PLACES: Question = { sql: 'select name from places', answer: 'the real one' };

/** A value that changes the answer where the setting is not pinned. */
const PINNED: readonly (readonly [name: string, value: string, question: Question])[] = [
  ['request.jwt.claim', CLAIMS_OF_ANNA, { sql: `select auth.jwt() ->> 'sub'`, answer: BORIS }],
  ['request.jwt.claim.sub', ANNA, { sql: 'select auth.uid()::text', answer: BORIS }],
  ['request.jwt.claim.role', 'service_role', { sql: 'select auth.role()', answer: 'authenticated' }],
  ['request.jwt.claim.email', 'anna@example.test', { sql: 'select auth.email()', answer: null }],
  [
    'TimeZone',
    'Asia/Tokyo',
    { sql: 'select at::text from public.samples', answer: '2024-01-01 00:00:00+00' },
  ],
  ['DateStyle', 'German, DMY', { sql: 'select day::text from public.samples', answer: '2024-02-01' }],
  ['IntervalStyle', 'iso_8601', { sql: 'select long::text from public.samples', answer: '1 day 02:00:00' }],
  ['bytea_output', 'escape', { sql: 'select bytes::text from public.samples', answer: '\\xff00' }],
  [
    'extra_float_digits',
    '-5',
    { sql: 'select exact::text from public.samples', answer: '0.30000000000000004' },
  ],
  ['client_encoding', 'LATIN1', { sql: 'select length($1::text)::text', values: ['é'], answer: '1' }],
  [
    'array_nulls',
    'off',
    { sql: 'select (($1::text[])[1] is null)::text', values: ['{NULL}'], answer: 'true' },
  ],
  ['row_security', 'off', { sql: 'select count(*)::text from public.notes', answer: '1' }],
  ['search_path', 'other', PLACES],
];

/** The same of settings that are not pinned, but undone where another user left them behind. */
const UNDONE: typeof PINNED = [
  ['lock_timeout', '1ms', { sql: 'select count(*)::text from public.locked', answer: '1', waits: true }],
  ['transform_null_equals', 'on', { sql: 'select ((1 = null) is null)::text', answer: 'true' }],
];

const boris = userActor(BORIS);
const anna = userActor(ANNA);

async function read(mode: ConnectionMode, { sql, values = [] }: Question): Promise<unknown> {
  const one = statement(sql, { columns: 1, values });
  const batch = { actor: boris, access: 'read', statements: [one], statementTimeoutMs: 0 } as const;
  return textRows((await mode.run(batch, limits()))[0])[0]?.[0];
}

/** Asks while somebody holds a lock, who lets go when the question has waited for 50 ms. */
async function readAcrossLock(
  mode: ConnectionMode,
  database: TestDatabase,
  question: Question,
): Promise<unknown> {
  return withSession(database.ownerUrl, async ({ query }) => {
    await query('begin');
    await query('lock table public.locked');
    let isOver = false;
    const answer = read(mode, question).finally(() => {
      isOver = true;
    });
    answer.catch(() => undefined);
    const waits = `select 1 from pg_locks where not granted and relation = 'public.locked'::regclass
      and database = (select oid from pg_database where datname = current_database())
      and waitstart < clock_timestamp() - interval '50 ms'`;
    while (!isOver && (await query(waits)).length === 0);
    await query('commit');
    return answer;
  });
}

function ask(mode: ConnectionMode, database: TestDatabase, question: Question): Promise<unknown> {
  return question.waits ? readAcrossLock(mode, database, question) : read(mode, question);
}

/** Runs as the user before: a function of theirs, which taints no connection. */
async function leave(mode: ConnectionMode, sql: string, values: readonly string[] = []): Promise<void> {
  const one = statement(sql, { columns: 1, values });
  await mode.run({ actor: anna, access: 'write', statements: [one], statementTimeoutMs: 0 }, limits());
}

/** How all of the settings come to be what they are before the first question. */
const HOW: Readonly<Record<string, (open: () => ConnectionMode, database: TestDatabase) => Promise<void>>> = {
  'left behind by another user': async (open) => {
    for (const [setting, value] of [...PINNED, ...UNDONE]) {
      await leave(open(), 'select set_config($1, $2, false)', [setting, value]);
    }
  },
  'of the database itself': (_open, database) =>
    withSession(database.adminUrl, async ({ query }) => {
      for (const [setting, value] of PINNED) {
        const given = setting === 'search_path' ? value : quoteText(value);
        await query(`alter database ${quoteName(database.name)} set ${quoteName(setting)} = ${given}`);
      }
    }),
};

describeFullStack('a setting that decides what a statement means', () => {
  describe.each(['direct', 'transaction'] as const)('in %s mode', (name) => {
    let database: TestDatabase;
    let mode: ConnectionMode | undefined;
    const open = (): ConnectionMode => {
      mode ??= modeOver(name, database.user[name], { max: 1 });
      return mode;
    };
    describe.each(Object.entries(HOW))('%s', (how, prepare) => {
      beforeAll(async () => {
        database = await createTestDatabase({ sql: SQL });
        await prepare(open, database);
      });
      afterAll(async () => {
        await mode?.close(0);
        mode = undefined;
        await database.drop();
      });

      it.each(PINNED)('changes no answer: %s', async (_setting, _value, question) => {
        expect(await ask(open(), database, question)).toBe(question.answer);
      });

      if (how === 'left behind by another user') {
        it.each(UNDONE)(
          'changes no answer, though it is not pinned: %s',
          async (_setting, _value, question) => {
            expect(await ask(open(), database, question)).toBe(question.answer);
          },
        );
      }

      it('finds no temporary table of an earlier statement in place of a real one', async () => {
        const statements = ['select public.make_shadow()', PLACES.sql].map((sql) =>
          statement(sql, { columns: 1 }),
        );
        const batch = { actor: boris, access: 'write', statements, statementTimeoutMs: 0 } as const;
        expect((await open().run(batch, limits())).map(textRows)).toEqual([[['made']], [['the real one']]]);
      });
    });
  });

  it('ends with the batch: the next client of a pooler is itself', async () => {
    await using database = await createTestDatabase({ sql: SQL });
    const url = database.user.transaction;
    const mode = modeOver('transaction', url, { max: 1 });
    await leave(mode, `select 'nothing'`);
    const [seen] = await withSession(url, ({ query }) =>
      query(`select current_user::text as role, current_setting('request.jwt.claims', true) as claims`),
    );
    expect(seen).toEqual({ role: decodeURIComponent(new URL(url).username), claims: '' });
    await mode.close(0);
  });
});
