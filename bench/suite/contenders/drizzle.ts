import { cosineDistance, count, desc, eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { bigint, date, numeric, pgTable, text, timestamp, uuid, vector } from 'drizzle-orm/pg-core';
import { type DrizzleTransaction, runAs } from '../../contenders/drizzle.ts';
import { openPool } from '../../contenders/pg.ts';
import type { Person } from '../../notes.ts';
import type { SuiteClient, SuiteContender } from '../contender.ts';
import { DIMENSIONS } from '../world.ts';

const trips = pgTable('bench_trips', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  user_id: uuid().notNull(),
  title: text().notNull(),
  status: text().notNull().default('planning'),
  budget: numeric({ precision: 12, scale: 2 }),
  starts_on: date(),
  created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
});

const places = pgTable('bench_places', {
  id: bigint({ mode: 'number' }).primaryKey(),
  name: text().notNull(),
  embedding: vector({ dimensions: DIMENSIONS }).notNull(),
});

/** Drizzle on node-postgres, with the transaction from its documentation on Supabase's row level security. */
export const drizzleOrm: SuiteContender = {
  name: 'drizzle',
  recipe: 'on node-postgres: its documented RLS transaction',
  source: 'https://orm.drizzle.team/docs/rls#using-with-supabase',
  open(target) {
    const pool = openPool(target);
    const db = drizzle({ client: pool });
    const client: SuiteClient = {
      select: ({ person, id }) => runAs(db, person, (tx) => oneRow(tx, id)),
      selectAgain: ({ person, id }) => runAs(db, person, (tx) => oneRow(tx, id)),
      list: (person) => runAs(db, person, latest),
      insert: (person, title) => runAs(db, person, (tx) => insert(tx, person, title)),
      bulkInsert: (person, titles) =>
        runAs(db, person, async (tx) => {
          const rows = titles.map((title) => ({ user_id: person.sub, title }));
          return (await tx.insert(trips).values(rows).returning({ id: trips.id })).length;
        }),
      vectorSearch: (person, wanted) => runAs(db, person, (tx) => nearest(tx, wanted, 10)),
      rpc: (person) =>
        runAs(db, person, async (tx) => {
          const { rows } = await tx.execute<{ count: string }>(
            sql`select bench_count_trips('planning') as count`,
          );
          return Number(rows[0]?.count);
        }),
      transaction: ({ person, id }, title) =>
        runAs(db, person, async (tx) => {
          const found = await oneRow(tx, id);
          await tx.update(trips).set({ title }).where(eq(trips.id, id)).returning({ id: trips.id });
          await insert(tx, person, title);
          return found;
        }),
      page: ({ person, id, vector: wanted }) =>
        runAs(db, person, async (tx) => {
          const found = await oneRow(tx, id);
          const list = await latest(tx);
          await tx.select({ count: count() }).from(trips).where(eq(trips.status, 'planning'));
          await nearest(tx, wanted, 5);
          await insert(tx, person, 'seen');
          return [...found, ...list];
        }),
      close: () => pool.end(),
    };
    return Promise.resolve(client);
  },
};

function oneRow(tx: DrizzleTransaction, id: number) {
  return tx.select().from(trips).where(eq(trips.id, id));
}

function latest(tx: DrizzleTransaction) {
  return tx.select().from(trips).orderBy(desc(trips.starts_on), desc(trips.id)).limit(20);
}

function insert(tx: DrizzleTransaction, person: Person, title: string) {
  return tx.insert(trips).values({ user_id: person.sub, title }).returning();
}

function nearest(tx: DrizzleTransaction, wanted: readonly number[], limit: number) {
  const distance = cosineDistance(places.embedding, [...wanted]);
  return tx
    .select({ id: places.id, name: places.name, similarity: sql<number>`1 - (${distance})` })
    .from(places)
    .orderBy(distance)
    .limit(limit);
}
