import { type Generated, Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { runAs } from '../../contenders/kysely.ts';
import { openPool } from '../../contenders/pg.ts';
import type { Person } from '../../notes.ts';
import type { SuiteClient, SuiteContender } from '../contender.ts';
import { vectorText } from './statements.ts';

interface Tables {
  readonly bench_trips: {
    readonly id: Generated<number>;
    readonly user_id: string;
    readonly title: string;
    readonly status: Generated<string>;
    readonly budget: string | null;
    readonly starts_on: Date | null;
    readonly created_at: Generated<Date>;
  };
  readonly bench_places: {
    readonly id: number;
    readonly name: string;
    readonly embedding: string;
  };
}

const COLUMNS = ['id', 'user_id', 'title', 'status', 'budget', 'starts_on', 'created_at'] as const;

type Tx = Transaction<Tables>;

/** Kysely on node-postgres: a transaction with set_config, then its query builder. */
export const kyselyBuilder: SuiteContender = {
  name: 'kysely',
  recipe: 'on node-postgres: transaction, set_config, builder',
  source: 'https://kysely.dev/docs/examples/transactions/simple-transaction',
  open(target) {
    const pool = openPool(target);
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    const client: SuiteClient = {
      select: ({ person, id }) => runAs(db, person, (tx) => oneRow(tx, id)),
      selectAgain: ({ person, id }) => runAs(db, person, (tx) => oneRow(tx, id)),
      list: (person) => runAs(db, person, latest),
      insert: (person, title) => runAs(db, person, (tx) => insert(tx, person, title)),
      bulkInsert: (person, titles) =>
        runAs(db, person, async (tx) => {
          const rows = titles.map((title) => ({ user_id: person.sub, title }));
          return (await tx.insertInto('bench_trips').values(rows).returning('id').execute()).length;
        }),
      vectorSearch: (person, vector) => runAs(db, person, (tx) => nearest(tx, vector, 10)),
      rpc: (person) =>
        runAs(db, person, async (tx) => {
          const { rows } = await sql<{
            count: string;
          }>`select bench_count_trips('planning') as count`.execute(tx);
          return Number(rows[0]?.count);
        }),
      transaction: ({ person, id }, title) =>
        runAs(db, person, async (tx) => {
          const trips = await oneRow(tx, id);
          await tx.updateTable('bench_trips').set({ title }).where('id', '=', id).returning('id').execute();
          await insert(tx, person, title);
          return trips;
        }),
      page: ({ person, id, vector }) =>
        runAs(db, person, async (tx) => {
          const trips = await oneRow(tx, id);
          const list = await latest(tx);
          await tx
            .selectFrom('bench_trips')
            .select((eb) => eb.fn.countAll<string>().as('count'))
            .where('status', '=', 'planning')
            .execute();
          await nearest(tx, vector, 5);
          await insert(tx, person, 'seen');
          return [...trips, ...list];
        }),
      close: () => db.destroy(),
    };
    return Promise.resolve(client);
  },
};

function oneRow(tx: Tx, id: number) {
  return tx.selectFrom('bench_trips').select(COLUMNS).where('id', '=', id).execute();
}

function latest(tx: Tx) {
  return tx
    .selectFrom('bench_trips')
    .select(COLUMNS)
    .orderBy('starts_on', 'desc')
    .orderBy('id', 'desc')
    .limit(20)
    .execute();
}

function insert(tx: Tx, person: Person, title: string) {
  return tx.insertInto('bench_trips').values({ user_id: person.sub, title }).returning(COLUMNS).execute();
}

function nearest(tx: Tx, vector: readonly number[], limit: number) {
  const distance = sql<number>`embedding <=> ${vectorText(vector)}`;
  return tx
    .selectFrom('bench_places')
    .select(['id', 'name', sql<number>`1 - (${distance})`.as('similarity')])
    .orderBy(distance)
    .limit(limit)
    .execute();
}
