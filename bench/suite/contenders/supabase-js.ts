import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import { ServiceError } from '../../../src/contract/errors.ts';
import { type Person, personOf } from '../../notes.ts';
import type { SuiteClient, SuiteContender } from '../contender.ts';
import type { DataApi } from '../data-api.ts';
import { BENCH_USERS } from '../plan.ts';
import type { SuiteSchema } from './consolidated-db.ts';

const COLUMNS = 'id, user_id, title, status, budget, starts_on, created_at';
/** PostgREST's code for a table that it does not know. */
const UNKNOWN = 'PGRST205';

/**
 * supabase-js over a Data API, which serves a database of its own: not the one of the other contenders, and without the suite's
 * delay. It has no vector search, and no transaction of several requests.
 */
export function supabaseJs(dataApi: DataApi | undefined): SuiteContender {
  return {
    name: 'supabase-js',
    recipe: 'HTTP to the Data API of --supabase-url, its own database and network; a client for each user',
    source: 'https://supabase.com/docs/reference/javascript/select',
    modes: ['direct'],
    cases: ['select', 'select-again', 'list', 'insert', 'bulk-insert', 'rpc'],
    plots: ['work'],
    missing: () => (dataApi === undefined ? 'it needs --supabase-url' : undefined),
    async open() {
      if (dataApi === undefined) throw new Error('supabase-js has no Data API.');
      const clients = await clientsOf(dataApi);
      const as = ({ sub }: Person) => clients.get(sub)!;
      await assertRows(as(personOf((dataApi.rows - 1) % BENCH_USERS)), dataApi.rows);
      return clientOf(as);
    },
  };
}

type Client = SupabaseClient<SuiteSchema>;

/** One for each user, with the token that the user's requests would bring. */
async function clientsOf({ url, key, jwtSecret }: DataApi): Promise<ReadonlyMap<string, Client>> {
  const secret = new TextEncoder().encode(jwtSecret);
  const people = Array.from({ length: BENCH_USERS }, (_, index) => personOf(index));
  const clients = people.map(async ({ sub, claims }): Promise<[string, Client]> => {
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    return [sub, createClient<SuiteSchema>(url, key, { accessToken: () => Promise.resolve(token) })];
  });
  return new Map(await Promise.all(clients));
}

/** @param last - a trip of that user, and of all */
async function assertRows(client: Client, last: number): Promise<void> {
  const { data, error } = await client.from('bench_trips').select('id').eq('id', last);
  if (error === null && data.length === 1) return;
  if (error === null || error.code === UNKNOWN) {
    throw new ServiceError(`The Data API of --supabase-url has no table bench_trips with ${last} rows.`, {
      code: 'NO_BENCH_ROWS',
      hint: `Run the SQL that \`npm run bench -- tables --rows ${last}\` prints in its database.`,
    });
  }
  throw new ServiceError(`The Data API of --supabase-url refused a read: ${error.message}`, {
    code: 'DATA_API_REFUSED',
    hint: 'CDB_BENCH_SUPABASE_KEY must be its publishable key, CDB_BENCH_SUPABASE_JWT_SECRET the secret of its tokens.',
  });
}

function clientOf(as: (person: Person) => Client): SuiteClient {
  const trips = (person: Person) => as(person).from('bench_trips');
  const cannot = (what: string) => () => Promise.reject(new Error(`The Data API has no ${what}.`));
  const select: SuiteClient['select'] = async ({ person, id }) =>
    (await trips(person).select(COLUMNS).eq('id', id).throwOnError()).data;
  return {
    select,
    selectAgain: select,
    list: async (person) => {
      const newest = { ascending: false };
      const found = trips(person).select(COLUMNS).order('starts_on', newest).order('id', newest).limit(20);
      return (await found.throwOnError()).data;
    },
    insert: async (person, title) =>
      (await trips(person).insert({ user_id: person.sub, title }).select(COLUMNS).throwOnError()).data,
    bulkInsert: async (person, titles) => {
      const rows = titles.map((title) => ({ user_id: person.sub, title }));
      return (await trips(person).insert(rows).select('id').throwOnError()).data.length;
    },
    rpc: async (person) =>
      (await as(person).rpc('bench_count_trips', { with_status: 'planning' }).throwOnError()).data,
    vectorSearch: cannot('vector search'),
    transaction: cannot('transaction of several requests'),
    page: cannot('vector search'),
    close: () => Promise.resolve(),
  };
}
