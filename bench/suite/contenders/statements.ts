import type { Person } from '../../notes.ts';
import type { SuiteClient, TripRow } from '../contender.ts';

/** The statements of the contenders that are given SQL. Everything else about them is their own. */
export const SQL = {
  select: `select id, user_id, title, status, budget, starts_on, created_at from bench_trips where id = $1`,
  list: `select id, user_id, title, status, budget, starts_on, created_at from bench_trips
    order by starts_on desc, id desc limit 20`,
  count: `select count(*)::int as count from bench_trips where status = 'planning'`,
  insert: `insert into bench_trips (user_id, title) values ($1, $2)
    returning id, user_id, title, status, budget, starts_on, created_at`,
  bulkInsert: `insert into bench_trips (user_id, title) select $1, unnest($2::text[]) returning id`,
  update: 'update bench_trips set title = $2 where id = $1 returning id',
  vectorSearch:
    'select id, name, 1 - (embedding <=> $1) as similarity from bench_places order by embedding <=> $1 limit $2',
  rpc: `select bench_count_trips('planning') as count`,
} as const;

/** As pgvector reads it. */
export function vectorText(vector: readonly number[]): string {
  return `[${vector.join(',')}]`;
}

/** One statement as the user, with its rows. */
type Query = <Row extends object>(
  person: Person,
  text: string,
  values?: unknown[],
) => Promise<readonly Row[]>;

/** What needs one statement, of a contender that is given SQL. */
export function callsBy(query: Query): Omit<SuiteClient, 'transaction' | 'page' | 'close'> {
  return {
    select: ({ person, id }) => query<TripRow>(person, SQL.select, [id]),
    selectAgain: ({ person, id }) => query<TripRow>(person, SQL.select, [id]),
    list: (person) => query<TripRow>(person, SQL.list),
    insert: (person, title) => query<TripRow>(person, SQL.insert, [person.sub, title]),
    bulkInsert: async (person, titles) => (await query(person, SQL.bulkInsert, [person.sub, titles])).length,
    vectorSearch: (person, vector) =>
      query<{ readonly id: unknown }>(person, SQL.vectorSearch, [vectorText(vector), 10]),
    rpc: async (person) => Number((await query<{ count: string }>(person, SQL.rpc))[0]?.count),
  };
}
