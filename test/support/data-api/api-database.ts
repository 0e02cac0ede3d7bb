import type { PGlite } from '@electric-sql/pglite';
import pg from 'pg';

export type Query = <Row>(text: string, values?: readonly string[]) => Promise<Row[]>;

/** The database behind the fake Data API: what runs inside `work` is one transaction. Its login may take any role. */
export interface ApiDatabase {
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** @param url of a superuser, or of the owner of the roles */
export function serverDatabase(url: string): ApiDatabase {
  const pool = new pg.Pool({ connectionString: url, max: 4, application_name: 'cdb-data-api' });
  pool.on('error', () => {});
  return {
    async transaction(work) {
      const client = await pool.connect();
      let fault: Error | undefined;
      try {
        await client.query('begin');
        const value = await work(async <Row>(text: string, values: readonly string[] = []) => {
          const { rows } = await client.query(text, [...values]);
          return rows as Row[];
        });
        await client.query('commit');
        return value;
      } catch (error) {
        await client.query('rollback').catch((failure: Error) => {
          fault = failure;
        });
        throw error;
      } finally {
        client.release(fault);
      }
    },
    close: () => pool.end(),
  };
}

/** PGlite takes bound values only in each type's own form, so here they are literals of no type. */
export function embeddedApiDatabase(pglite: PGlite): ApiDatabase {
  return {
    transaction: (work) =>
      pglite.transaction((transaction) =>
        work(async <Row>(text: string, values: readonly string[] = []) => {
          const whole = text.replace(/\$(\d+)/g, (_, place) => pg.escapeLiteral(values[Number(place) - 1]!));
          const { rows } = await transaction.query<Row>(whole);
          return rows;
        }),
      ),
    close: async () => {},
  };
}
