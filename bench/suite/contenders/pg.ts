import type { QueryResultRow } from 'pg';
import { openPool, runAs } from '../../contenders/pg.ts';
import type { Person } from '../../notes.ts';
import type { SuiteClient, SuiteContender, TripRow } from '../contender.ts';
import { SQL, vectorText } from './statements.ts';

/** node-postgres: a pool, BEGIN, set_config, the statements, COMMIT. */
export const nodePostgres: SuiteContender = {
  name: 'pg',
  recipe: 'Pool: BEGIN, set_config, statements, COMMIT',
  source: 'https://node-postgres.com/features/transactions',
  open(target) {
    const pool = openPool(target);
    const one = <Row extends QueryResultRow>(person: Person, text: string, values: unknown[] = []) =>
      runAs(pool, person, async (client) => (await client.query<Row>(text, values)).rows);
    const client: SuiteClient = {
      select: ({ person, id }) => one<TripRow>(person, SQL.select, [id]),
      selectAgain: ({ person, id }) => one<TripRow>(person, SQL.select, [id]),
      list: (person) => one<TripRow>(person, SQL.list),
      insert: (person, title) => one<TripRow>(person, SQL.insert, [person.sub, title]),
      bulkInsert: async (person, titles) => (await one(person, SQL.bulkInsert, [person.sub, titles])).length,
      vectorSearch: (person, vector) =>
        one<{ id: unknown }>(person, SQL.vectorSearch, [vectorText(vector), 10]),
      rpc: async (person) => Number((await one<{ count: string }>(person, SQL.rpc))[0]?.count),
      transaction: ({ person, id }, title) =>
        runAs(pool, person, async (tx) => {
          const { rows } = await tx.query<TripRow>(SQL.select, [id]);
          await tx.query(SQL.update, [id, title]);
          await tx.query(SQL.insert, [person.sub, title]);
          return rows;
        }),
      page: ({ person, id, vector }) =>
        runAs(pool, person, async (tx) => {
          const trips = await tx.query<TripRow>(SQL.select, [id]);
          const latest = await tx.query<TripRow>(SQL.list);
          await tx.query(SQL.count);
          await tx.query(SQL.vectorSearch, [vectorText(vector), 5]);
          await tx.query(SQL.insert, [person.sub, 'seen']);
          return [...trips.rows, ...latest.rows];
        }),
      close: () => pool.end(),
    };
    return Promise.resolve(client);
  },
};
