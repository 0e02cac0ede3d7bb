import { eq, sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { bigint, boolean, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { Contender, OpenContender } from '../contender.ts';
import type { Person } from '../notes.ts';
import { openPool } from './pg.ts';

const notes = pgTable('bench_notes', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  user_id: uuid().notNull(),
  title: text().notNull(),
  done: boolean().notNull().default(false),
  created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
});

type NoteRow = typeof notes.$inferSelect;
export type DrizzleTransaction = Parameters<Parameters<NodePgDatabase['transaction']>[0]>[0];

/** Drizzle on node-postgres, with the transaction from its documentation on Supabase's row level security. */
export const drizzleOrm: Contender = {
  name: 'drizzle',
  recipe: 'on node-postgres: its documented RLS transaction',
  async open(target) {
    const pool = openPool(target);
    const db = drizzle({ client: pool });
    const open: OpenContender<readonly NoteRow[]> = {
      read: ({ person, id }) => runAs(db, person, (tx) => tx.select().from(notes).where(eq(notes.id, id))),
      insert: ({ person, owner, title }) =>
        runAs(db, person, (tx) => tx.insert(notes).values({ user_id: owner, title }).returning()),
      owners: (rows) => rows.map((row) => row.user_id),
      close: () => pool.end(),
    };
    return open;
  },
};

/**
 * As documented: claims and role spliced into the text, and a reset afterwards. This allows
 * injection by whoever chooses a claim. It is measured here, not recommended.
 */
export function runAs<T>(
  db: NodePgDatabase,
  person: Person,
  work: (tx: DrizzleTransaction) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`
      select set_config('request.jwt.claims', '${sql.raw(JSON.stringify(person.claims))}', true);
      select set_config('request.jwt.claim.sub', '${sql.raw(person.sub)}', true);
      set local role ${sql.raw(person.claims.role)};
    `);
    const result = await work(tx);
    await tx.execute(sql`
      select set_config('request.jwt.claims', null, true);
      select set_config('request.jwt.claim.sub', null, true);
      reset role;
    `);
    return result;
  });
}
