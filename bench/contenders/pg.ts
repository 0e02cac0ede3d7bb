import pg from 'pg';
import type { Contender, OpenContender } from '../contender.ts';
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
    const pool = new pg.Pool({
      connectionString: target.url,
      max: target.connections,
      // Its connections are idle while others are measured. They must still be open afterwards.
      idleTimeoutMillis: 0,
    });
    const open: OpenContender<readonly NoteRow[]> = {
      read: ({ person, id }) => runAs(pool, person, READ, [id]),
      insert: ({ person, owner, title }) => runAs(pool, person, INSERT, [owner, title]),
      owners: (rows) => rows.map((row) => row.user_id),
      close: () => pool.end(),
    };
    return open;
  },
};

async function runAs(pool: pg.Pool, person: Person, text: string, values: unknown[]): Promise<NoteRow[]> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(SET_UP, [JSON.stringify(person.claims)]);
    const result = await client.query<NoteRow>(text, values);
    await client.query('commit');
    return result.rows;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
