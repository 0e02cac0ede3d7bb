import type { QueryResultRow } from 'pg';
import { openPool, runAs } from '../../contenders/pg.ts';
import type { Person } from '../../notes.ts';
import type { SuiteClient, SuiteContender, TripRow } from '../contender.ts';
import { callsBy, SQL, vectorText } from './statements.ts';

/** node-postgres: a pool, BEGIN, set_config, the statements, COMMIT. */
export const nodePostgres: SuiteContender = {
  name: 'pg',
  recipe: 'Pool: BEGIN, set_config, statements, COMMIT',
  source: 'https://node-postgres.com/features/transactions',
  open(target) {
    const pool = openPool(target);
    const one = <Row extends object>(person: Person, text: string, values: unknown[] = []) =>
      runAs(pool, person, async (client) => (await client.query<Row & QueryResultRow>(text, values)).rows);
    const client: SuiteClient = {
      ...callsBy(one),
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
