import pg from 'pg';
import type { Contender, OpenContender, Target } from '../contender.ts';
import type { Person } from '../notes.ts';

interface NoteRow {
  readonly user_id: string;
}

const SET_UP = `select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)`;
const READ = 'select id, user_id, title, done, created_at from bench_notes where id = $1';
const INSERT = `insert into bench_notes (user_id, title) values ($1, $2)
  returning id, user_id, title, done, created_at`;

/** node-postgres: a pool, BEGIN, set_config, the statement, COMMIT. */
export const nodePostgres: Contender = {
  name: 'pg',
  recipe: 'Pool: BEGIN, set_config, statement, COMMIT',
  async open(target) {
    const pool = openPool(target);
    const one = (person: Person, text: string, values: unknown[]) =>
      runAs(pool, person, async (client) => (await client.query<NoteRow>(text, values)).rows);
    const open: OpenContender<readonly NoteRow[]> = {
      read: ({ person, id }) => one(person, READ, [id]),
      insert: ({ person, owner, title }) => one(person, INSERT, [owner, title]),
      owners: (rows) => rows.map((row) => row.user_id),
      close: () => pool.end(),
    };
    return open;
  },
};

export function openPool({ url, connections }: Target): pg.Pool {
  return new pg.Pool({
    connectionString: url,
    max: connections,
    // Its connections are idle while others are measured. They must still be open afterwards.
    idleTimeoutMillis: 0,
  });
}

/** One transaction as that user, in which `work` runs its statements. */
export async function runAs<T>(
  pool: pg.Pool,
  person: Person,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(SET_UP, [JSON.stringify(person.claims)]);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
