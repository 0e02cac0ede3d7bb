import type { TransactionSql } from 'postgres';
import { openSql, runAs } from '../../contenders/postgres-js.ts';
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
    const sql = openSql(target);
    const oneRow = (tx: TransactionSql, id: number) =>
      tx<
        TripRow[]
      >`select id, user_id, title, status, budget, starts_on, created_at from bench_trips where id = ${id}`;
    const latest = (tx: TransactionSql) =>
      tx<TripRow[]>`select id, user_id, title, status, budget, starts_on, created_at from bench_trips
        order by starts_on desc, id desc limit 20`;
    const insert = (tx: TransactionSql, person: Person, title: string) =>
      tx<TripRow[]>`insert into bench_trips ${tx({ user_id: person.sub, title })}
        returning id, user_id, title, status, budget, starts_on, created_at`;
    const nearest = (tx: TransactionSql, vector: readonly number[], limit: number) =>
      tx<
        { id: unknown }[]
      >`select id, name, 1 - (embedding <=> ${vectorText(vector)}) as similarity from bench_places
        order by embedding <=> ${vectorText(vector)} limit ${limit}`;
    const client: SuiteClient = {
      select: ({ person, id }) => runAs(sql, person, (tx) => oneRow(tx, id)),
      selectAgain: ({ person, id }) => runAs(sql, person, (tx) => oneRow(tx, id)),
      list: (person) => runAs(sql, person, latest),
      insert: (person, title) => runAs(sql, person, (tx) => insert(tx, person, title)),
      bulkInsert: (person, titles) =>
        runAs(sql, person, async (tx) => {
          const rows = titles.map((title) => ({ user_id: person.sub, title }));
          return (await tx`insert into bench_trips ${tx(rows)} returning id`).length;
        }),
      vectorSearch: (person, vector) => runAs(sql, person, (tx) => nearest(tx, vector, 10)),
      rpc: (person) =>
        runAs(sql, person, async (tx) => {
          const [row] = await tx<Counted[]>`select bench_count_trips('planning') as count`;
          return Number(row?.count);
        }),
      transaction: ({ person, id }, title) =>
        runAs(sql, person, async (tx) => {
          const trips = await oneRow(tx, id);
          await tx`update bench_trips set title = ${title} where id = ${id} returning id`;
          await insert(tx, person, title);
          return trips;
        }),
      // Inside its transaction it sends all at once.
      page: ({ person, id, vector }) =>
        runAs(sql, person, async (tx) => {
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
