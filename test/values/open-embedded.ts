import { PGlite } from '@electric-sql/pglite';
import { citext } from '@electric-sql/pglite/contrib/citext';
import { hstore } from '@electric-sql/pglite/contrib/hstore';
import { vector } from '@electric-sql/pglite-pgvector';
import type { introspect } from '../../src/consolidated/catalog/introspect.ts';

export interface EmbeddedDatabase {
  /** Runs statements without values. */
  exec(sql: string): Promise<void>;
  /** Runs one statement, values bound as text, and answers in Postgres' text format. */
  readonly query: Parameters<typeof introspect>[0];
  close(): Promise<void>;
}

/** PGlite with the settings that every batch pins, and with extensions in a schema of their own. */
export async function openEmbedded(): Promise<EmbeddedDatabase> {
  const database = await PGlite.create({ extensions: { citext, hstore, vector } });
  await database.exec(`
    create schema extensions;
    create extension hstore schema extensions;
    create extension citext schema extensions;
    create extension vector schema extensions;
    set search_path = public, extensions;
    set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres';
    set extra_float_digits = 1; set bytea_output = 'hex';
  `);
  return {
    async exec(sql) {
      await database.exec(sql);
    },
    async query(text, values) {
      const { rows } = await database.query<(string | null)[]>(text, [...values], {
        rowMode: 'array',
        parsers: AS_IT_IS,
        serializers: AS_IT_IS,
      });
      return rows;
    },
    async close() {
      await database.close();
    },
  };
}

/** PGlite parses and writes by type unless it is told, type by type, to leave the text alone. */
const AS_IT_IS: Readonly<Record<number, (value: string) => string>> = Object.fromEntries(
  [
    [16, 5_000],
    [16_384, 18_000],
  ].flatMap(([first = 0, last = 0]) =>
    Array.from({ length: last - first }, (_, offset) => [first + offset, (value: string) => value]),
  ),
);
