import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { type ConsolidatedDatabaseService, createDatabaseService, service } from '../../src/index.ts';

/** Where PGlite runs. */
export const PLACES = ['worker thread', 'same thread'] as const;
export type Place = (typeof PLACES)[number];

const SQL = `
  create table notes (id int primary key, body text not null);
  insert into notes select i, repeat('x', 100) from generate_series(1, 10000) i;
  grant select on notes to service_role;
`;

/** An open service, and how to close it with its PGlite. */
export interface OpenPlace extends AsyncDisposable {
  readonly db: ConsolidatedDatabaseService;
}

export async function openPlace(place: Place): Promise<OpenPlace> {
  const pglite = place === 'same thread' ? await PGlite.create({ extensions: { vector } }) : undefined;
  const db = createDatabaseService({ embedded: { sql: SQL, pglite } });
  await db.as(service()).count('notes');
  return {
    db,
    async [Symbol.asyncDispose]() {
      await db.close();
      await pglite?.close();
    },
  };
}
