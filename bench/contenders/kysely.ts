import { type Generated, Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type { Contender, OpenContender } from '../contender.ts';
import type { Person } from '../notes.ts';
import { openPool } from './pg.ts';

interface Tables {
  readonly bench_notes: {
    readonly id: Generated<number>;
    readonly user_id: string;
    readonly title: string;
    readonly done: Generated<boolean>;
    readonly created_at: Generated<Date>;
  };
}

interface NoteRow {
  readonly user_id: string;
}

const COLUMNS = ['id', 'user_id', 'title', 'done', 'created_at'] as const;

/** Kysely on node-postgres: a transaction with set_config, then its query builder. */
export const kyselyBuilder: Contender = {
  name: 'kysely',
  recipe: 'on node-postgres: transaction, set_config, builder',
  async open(target) {
    const pool = openPool(target);
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    const open: OpenContender<readonly NoteRow[]> = {
      read: ({ person, id }) =>
        runAs(db, person, (tx) =>
          tx.selectFrom('bench_notes').select(COLUMNS).where('id', '=', id).execute(),
        ),
      insert: ({ person, owner, title }) =>
        runAs(db, person, (tx) =>
          tx.insertInto('bench_notes').values({ user_id: owner, title }).returning(COLUMNS).execute(),
        ),
      owners: (rows) => rows.map((row) => row.user_id),
      close: () => db.destroy(),
    };
    return open;
  },
};

export function runAs<DB, T>(
  db: Kysely<DB>,
  person: Person,
  work: (tx: Transaction<DB>) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify(person.claims)}, true)`.execute(
      tx,
    );
    return work(tx);
  });
}
