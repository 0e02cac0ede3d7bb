import postgres from 'postgres';
import type { Contender, OpenContender } from '../contender.ts';

interface NoteRow {
  readonly user_id: string;
}

/** postgres.js with its own transaction function: BEGIN, set_config, the statement, COMMIT. */
export const postgresJs: Contender = {
  name: 'postgres.js',
  recipe: 'sql.begin: set_config, statement',
  async open(target) {
    const sql = postgres(target.url, {
      max: target.connections,
      ssl: false,
      prepare: target.mode === 'direct',
      // One of its connections would otherwise spend a query on the list of types.
      fetch_types: false,
      max_lifetime: null,
    });
    const actAs = (tx: postgres.TransactionSql, claims: object) =>
      tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
    const open: OpenContender<readonly NoteRow[]> = {
      read: ({ person, id }) =>
        sql.begin(async (tx) => {
          await actAs(tx, person.claims);
          return tx<NoteRow[]>`select id, user_id, title, done, created_at from bench_notes where id = ${id}`;
        }),
      insert: ({ person, owner, title }) =>
        sql.begin(async (tx) => {
          await actAs(tx, person.claims);
          return tx<NoteRow[]>`
            insert into bench_notes (user_id, title) values (${owner}, ${title})
            returning id, user_id, title, done, created_at`;
        }),
      owners: (rows) => rows.map((row) => row.user_id),
      close: () => sql.end({ timeout: 1 }),
    };
    return open;
  },
};
