import postgres from 'postgres';
import type { Contender, OpenContender, Target } from '../contender.ts';
import type { Person } from '../notes.ts';

interface NoteRow {
  readonly user_id: string;
}

/** postgres.js with its own transaction function: BEGIN, set_config, the statement, COMMIT. */
export const postgresJs: Contender = {
  name: 'postgres.js',
  recipe: 'sql.begin: set_config, statement',
  async open(target) {
    const sql = openSql(target);
    const open: OpenContender<readonly NoteRow[]> = {
      read: ({ person, id }) =>
        runAs(
          sql,
          person,
          (tx) =>
            tx<NoteRow[]>`select id, user_id, title, done, created_at from bench_notes where id = ${id}`,
        ),
      insert: ({ person, owner, title }) =>
        runAs(
          sql,
          person,
          (tx) => tx<NoteRow[]>`
            insert into bench_notes (user_id, title) values (${owner}, ${title})
            returning id, user_id, title, done, created_at`,
        ),
      owners: (rows) => rows.map((row) => row.user_id),
      close: () => sql.end({ timeout: 1 }),
    };
    return open;
  },
};

export function openSql({ url, mode, connections }: Target): postgres.Sql {
  return postgres(url, {
    max: connections,
    ssl: false,
    prepare: mode === 'direct',
    // One of its connections would otherwise spend a query on the list of types.
    fetch_types: false,
    max_lifetime: null,
  });
}

/** One transaction as that user, in which `work` runs its statements. */
export async function runAs<T>(
  sql: postgres.Sql,
  person: Person,
  work: (tx: postgres.TransactionSql) => PromiseLike<T>,
): Promise<T> {
  const [result] = await sql.begin(async (tx): Promise<[T]> => {
    await tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify(person.claims)}, true)`;
    return [await work(tx)];
  });
  // Its types unwrap promises in what `begin` returns, and there are none: `T` is awaited.
  return result as T;
}
