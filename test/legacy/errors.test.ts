import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseError, type SerializedDatabaseError } from '../../src/index.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { type AnyOperations, type Side, TwoSides, tokenOf } from './two-sides.ts';

const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';
const NOBODY = '00000000-0000-4000-8000-000000000000';

const SQL = `
  insert into auth.users (id, email) values ('${ANA}', 'ana@example.com'), ('${BEN}', 'ben@example.com');
  insert into profiles (id, username, email) values ('${ANA}', 'ana', 'ana@example.com'), ('${BEN}', 'ben', 'ben@example.com');
  insert into trips (owner_id, title, visibility) values ('${BEN}', 'Oslo', 'public'), ('${BEN}', 'Porto', 'public');
  create table keyed (id int primary key, n int); grant all on keyed to authenticated;
  create table secrets (id int); create schema hidden; create table hidden.things (id int);
  revoke all on secrets from public, anon, authenticated;
  create function raise(kind text) returns int language plpgsql as $$
    begin raise exception 'not today' using errcode = kind; end $$;
  create function stable_write() returns int language plpgsql stable as $$
    begin insert into search_history (query) values ('x'); return 1; end $$;
  create function slow() returns int language sql as $$ select 1 from pg_sleep(5) $$;
  create function unforeseen() returns int language plpgsql as $$ begin set local role nobody_at_all; return 1; end $$;
  create function strict_none() returns int language plpgsql as $$ declare n int; begin select 1 into strict n where false; return n; end $$;
  grant execute on function raise, stable_write, slow, strict_none, unforeseen to authenticated;`;

type Run = (db: AnyOperations) => Promise<unknown>;

/** What fails, by the way of a caller of both sides. */
const CASES: readonly (readonly [name: string, run: Run])[] = [
  ['a value that exists', (db) => db.update('profiles', { username: 'ben' }, { filters: { id: ANA } })],
  ['a missing reference', (db) => db.insert('trips', { title: 'x', destination_id: 999 })],
  ['a null where none may be', (db) => db.insert('trips', { title: null })],
  ['a violated check', (db) => db.insert('trips', { title: '' })],
  ['a row of somebody else', (db) => db.insert('trips', { title: 'x', owner_id: BEN })],
  ['a table without a grant', (db) => db.select('secrets')],
  ['a column without a grant', (db) => db.update('profiles', { id: NOBODY }, { filters: { id: ANA } })],
  ['a table that does not exist', (db) => db.select('nowhere')],
  ['a column that does not exist', (db) => db.select('trips', { columns: ['nowhere'] })],
  ['a filter on no column', (db) => db.select('trips', { filters: { nowhere: 1 } })],
  ['a row with no such column', (db) => db.insert('trips', { title: 'x', nowhere: 1 })],
  ['a change of no such column', (db) => db.update('trips', { nowhere: 1 }, { filters: { id: NOBODY } })],
  ['a function that does not exist', (db) => db.rpc('nowhere')],
  ['an argument that does not exist', (db) => db.rpc('raise', { nowhere: 1 })],
  ['a value of another type', (db) => db.insert('trips', { title: 'x', budget: 'much' })],
  ['a label that is none', (db) => db.insert('trips', { title: 'x', status: 'lost' })],
  ['a filter of another type', (db) => db.select('trips', { filters: { id: 'no uuid' } })],
  ['no row where one was asked for', (db) => db.selectOne('trips', { filters: { id: NOBODY } })],
  ['several rows where one was asked for', (db) => db.selectMaybe('trips')],
  ['a write without filters', (db) => db.delete('trips', { filters: {} })],
  ['filters that are undefined', (db) => db.update('trips', { title: 'x' }, { filters: undefined as never })],
  ['a filter that is undefined', (db) => db.select('trips', { filters: { id: undefined } })],
  ['an option that does not exist', (db) => db.select('trips', { filter: { id: NOBODY } } as never)],
  [
    'an option of the other side alone',
    (db) => db.insert('trips', { title: 'x' }, { returning: 'id' } as never),
  ],
  ['an order that is none', (db) => db.select('trips', { orderBy: { column: 'id', dir: 'desc' } as never })],
  ['a limit that is none', (db) => db.select('trips', { limit: -1 })],
  ['a value that no request has', (db) => db.insert('trips', { title: () => 'x' })],
  ['a time limit that is none', (db) => db.select('trips', { timeoutMs: 0 })],
  ['a message of the application', (db) => db.rpc('raise', { kind: 'P0001' })],
  ['a status of the application', (db) => db.rpc('raise', { kind: 'PT404' })],
  ['a state of the application', (db) => db.rpc('raise', { kind: 'ZZ123' })],
  ['a state of Postgres that nobody foresaw', (db) => db.rpc('unforeseen')],
  ['no data, raised', (db) => db.rpc('raise', { kind: 'P0002' })],
  ['no data, found', (db) => db.rpc('strict_none')],
  ['a conflict, raised', (db) => db.rpc('raise', { kind: '40001' })],
  ['a stable function that writes', (db) => db.rpc('stable_write')],
  ['a key that two rows have', (db) => db.upsert('keyed', [{ id: 1 }, { id: 1 }])],
  ['a key without an index', (db) => db.upsert('trips', { id: NOBODY, title: 'x' }, { onConflict: 'title' })],
  [
    'a key that the rows do not have',
    (db) => db.upsert('profiles', { email: 'e@example.com' }, { onConflict: 'username' }),
  ],
];

type Agreed = Pick<SerializedDatabaseError, 'name' | 'statusCode' | 'outcome'>;

async function refusal(run: Run, db: AnyOperations): Promise<SerializedDatabaseError> {
  try {
    return expect.fail(`it answered ${JSON.stringify(await run(db))}`);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return error.toJSON();
  }
}

describeFullStack('errors of a legacy database', () => {
  let sides: TwoSides;
  let as: Readonly<Record<Side, AnyOperations>>;

  beforeAll(async () => {
    sides = await TwoSides.open({ migrated: true, sql: SQL }, { statementTimeoutMs: 2_000 });
    as = sides.as({ token: await tokenOf(ANA) });
  });
  afterAll(() => sides[Symbol.asyncDispose]());

  describe('are those of the service, for', () => {
    it.each(CASES)('%s', async (_, run) => {
      const agreed = ({ name, statusCode, outcome }: Agreed): Agreed => ({ name, statusCode, outcome });
      const legacy = await refusal(run, as.legacy);
      const consolidated = await refusal(run, as.consolidated);
      expect(agreed(legacy), legacy.message).toEqual(agreed(consolidated));
    });
  });

  it('have the codes and names that callers switch on', async () => {
    const details = async (run: Run) => {
      const { code, field, constraint, relation } = await refusal(run, as.legacy);
      return { code, field, constraint, relation };
    };
    expect(await details(CASES[0]![1])).toEqual({
      code: 'UNIQUE_VIOLATION',
      field: 'username',
      constraint: 'profiles_username_key',
      relation: undefined,
    });
    expect(await details(CASES[1]![1])).toMatchObject({
      code: 'FOREIGN_KEY_VIOLATION',
      constraint: 'trips_destination_id_fkey',
      relation: 'trips',
    });
    expect(await details(CASES[2]![1])).toMatchObject({ code: 'NOT_NULL_VIOLATION', field: 'title' });
    expect(await details(CASES[3]![1])).toMatchObject({ constraint: 'trips_title_check', relation: 'trips' });
    expect(await details(CASES[4]![1])).toMatchObject({ code: 'FORBIDDEN', relation: 'trips' });
    expect(await details(CASES[8]![1])).toMatchObject({ code: 'UNKNOWN_COLUMN', field: 'nowhere' });
  });

  it('quote no values', async () => {
    for (const [, run] of CASES) {
      const text = JSON.stringify(await refusal(run, as.legacy));
      expect(text).not.toMatch(/ben@|much|lost|no uuid|999/);
    }
  });

  it('tell a statement timeout of the server', async () => {
    await expect(as.legacy.rpc('slow')).rejects.toMatchObject({
      name: 'TimeoutError',
      outcome: 'not-applied',
      sqlState: '57014',
    });
  });
});
