import postgres from 'postgres';
import type { Person } from '../../notes.ts';
import type { SuiteClient, SuiteContender, TripRow } from '../contender.ts';
import { vectorText } from './statements.ts';

interface Counted {
  readonly count: string;
}

/** postgres.js with its own transaction function: BEGIN, set_config, the statements, COMMIT. */
export const postgresJs: SuiteContender = {
  name: 'postgres.js',
  recipe: 'sql.begin: set_config, statements',
  source: 'https://github.com/porsager/postgres#transactions',
  open(target) {
    const sql = postgres(target.url, {
      max: target.connections,
      ssl: false,
      prepare: target.mode === 'direct',
      // One of its connections would otherwise spend a query on the list of types.
      fetch_types: false,
      max_lifetime: null,
    });
    const runAs = async <T>(
      person: Person,
      work: (tx: postgres.TransactionSql) => Promise<T>,
    ): Promise<T> => {
      const results = await sql.begin(async (tx) => {
        await tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify(person.claims)}, true)`;
        return [await work(tx)] as const;
      });
      return results[0] as T;
    };
    const oneRow = (tx: postgres.TransactionSql, id: number) =>
      tx<
        TripRow[]
      >`select id, user_id, title, status, budget, starts_on, created_at from bench_trips where id = ${id}`;
    const latest = (tx: postgres.TransactionSql) =>
      tx<TripRow[]>`select id, user_id, title, status, budget, starts_on, created_at from bench_trips
        order by starts_on desc, id desc limit 20`;
    const insert = (tx: postgres.TransactionSql, person: Person, title: string) =>
      tx<TripRow[]>`insert into bench_trips ${tx({ user_id: person.sub, title })}
        returning id, user_id, title, status, budget, starts_on, created_at`;
    const nearest = (tx: postgres.TransactionSql, vector: readonly number[], limit: number) =>
      tx<
        { id: unknown }[]
      >`select id, name, 1 - (embedding <=> ${vectorText(vector)}) as similarity from bench_places
        order by embedding <=> ${vectorText(vector)} limit ${limit}`;
    const client: SuiteClient = {
      select: ({ person, id }) => runAs(person, (tx) => oneRow(tx, id)),
      selectAgain: ({ person, id }) => runAs(person, (tx) => oneRow(tx, id)),
      list: (person) => runAs(person, latest),
      insert: (person, title) => runAs(person, (tx) => insert(tx, person, title)),
      bulkInsert: (person, titles) =>
        runAs(person, async (tx) => {
          const rows = titles.map((title) => ({ user_id: person.sub, title }));
          return (await tx`insert into bench_trips ${tx(rows)} returning id`).length;
        }),
      vectorSearch: (person, vector) => runAs(person, (tx) => nearest(tx, vector, 10)),
      rpc: (person) =>
        runAs(person, async (tx) => {
          const [row] = await tx<Counted[]>`select bench_count_trips('planning') as count`;
          return Number(row?.count);
        }),
      transaction: ({ person, id }, title) =>
        runAs(person, async (tx) => {
          const trips = await oneRow(tx, id);
          await tx`update bench_trips set title = ${title} where id = ${id} returning id`;
          await insert(tx, person, title);
          return trips;
        }),
      // Inside its transaction it sends all at once.
      page: ({ person, id, vector }) =>
        runAs(person, async (tx) => {
          const [trips, list] = await Promise.all([
            oneRow(tx, id),
            latest(tx),
            tx`select count(*)::int as count from bench_trips where status = 'planning'`,
            nearest(tx, vector, 5),
            insert(tx, person, 'seen'),
          ]);
          return [...trips, ...list];
        }),
      close: () => sql.end({ timeout: 1 }),
    };
    return Promise.resolve(client);
  },
};
