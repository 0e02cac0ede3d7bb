import { defineMiddleware, pipeline } from '@supabase/middleware';
import {
  type PostgresApi,
  type RequestClaims,
  withPostgresClient,
} from '@supabase/server/middleware/postgres';
import pg from 'pg';
import type { Person } from '../../notes.ts';
import type { SuiteClient, SuiteContender, TripRow } from '../contender.ts';
import { callsBy, SQL, vectorText } from './statements.ts';

interface Call {
  readonly person: Person;
  readonly work: (postgres: PostgresApi) => Promise<void>;
}

/** Whoever else is measured waits for a connection as long as it takes. */
const PATIENCE_MS = 60_000;

/** Its pools are found again by their connection string, and an ended one must not be. */
let opened = 0;

/** Supabase's middleware for Postgres: five round trips for each query. It has no transaction of several queries. */
export const supabaseServer: SuiteContender = {
  name: 'supabase-server',
  recipe: 'withPostgresClient behind verified claims: ctx.postgres.queryRaw; a Request, no HTTP',
  source: 'https://github.com/supabase/server/blob/main/docs/postgres.md',
  cases: ['select', 'select-again', 'list', 'insert', 'bulk-insert', 'vector-search', 'rpc', 'page'],
  async open(target) {
    const calls = new WeakMap<Request, Call>();
    /** In the place of `withClaims`, which would verify a token in each request. */
    const withBenchClaims = defineMiddleware<'jwtClaims', void, Record<never, never>, RequestClaims | null>({
      key: 'jwtClaims',
      run: () => async (request) => ({ jwtClaims: calls.get(request)?.person.claims ?? null }),
    });
    const url = new URL(target.url);
    url.searchParams.set('application_name', `bench-${++opened}`);
    const handle = pipeline(
      [
        withBenchClaims(),
        withPostgresClient({
          connectionString: url.href,
          pool: { max: target.connections, checkoutTimeoutMs: PATIENCE_MS },
        }),
      ],
      async (request, { postgres }) => {
        await calls.get(request)?.work(postgres);
        return new Response();
      },
    );
    const runAs = async <T>(person: Person, work: (postgres: PostgresApi) => Promise<T>): Promise<T> => {
      const request = new Request('http://bench');
      const answers: T[] = [];
      calls.set(request, { person, work: async (postgres) => void answers.push(await work(postgres)) });
      const response = await handle(request);
      if (answers.length === 0) throw new Error(`The middleware answered ${response.status} instead.`);
      return answers[0]!;
    };
    const one = <Row extends object>(person: Person, text: string, values: unknown[] = []) =>
      runAs(person, ({ queryRaw }) => queryRaw<Row>(text, values));
    const client: Omit<SuiteClient, 'close'> = {
      ...callsBy(one),
      transaction: () => Promise.reject(new Error('It has no transaction of several queries.')),
      page: ({ person, id, vector }) =>
        runAs(person, async ({ queryRaw }) => {
          const [trips, latest] = await Promise.all([
            queryRaw<TripRow>(SQL.select, [id]),
            queryRaw<TripRow>(SQL.list),
            queryRaw(SQL.count),
            queryRaw(SQL.vectorSearch, [vectorText(vector), 5]),
            queryRaw(SQL.insert, [person.sub, 'seen']),
          ]);
          return [...trips, ...latest];
        }),
    };
    const pool = await poolOf(() =>
      runAs({ sub: '', claims: { sub: '', role: 'anon' } }, ({ queryRaw }) => queryRaw('select 1')),
    );
    return { ...client, close: () => pool.end() };
  },
};

/** The middleware keeps its pool for as long as the process lives, and to itself: it is caught at its first query. */
async function poolOf(firstQuery: () => Promise<unknown>): Promise<pg.Pool> {
  const prototype: { connect: (...args: never[]) => unknown } = pg.Pool.prototype;
  const { connect } = prototype;
  const caught: pg.Pool[] = [];
  prototype.connect = function (this: pg.Pool, ...args) {
    caught.push(this);
    return connect.apply(this, args);
  };
  try {
    await firstQuery();
  } finally {
    prototype.connect = connect;
  }
  const [pool] = caught;
  if (pool === undefined) throw new Error('The middleware has asked no pool of pg.');
  return pool;
}
