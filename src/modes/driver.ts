/**
 * The only file that imports `pg`: the slice of it that this package stands on.
 */
import pg from 'pg';

export const { Client } = pg;
export type { Client as PgClient, ClientConfig } from 'pg';
