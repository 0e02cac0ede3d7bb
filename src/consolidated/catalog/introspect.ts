import { ServiceError } from '../../contract/errors.ts';
import { encodeTextArray } from '../values/array-literal.ts';
import { DatabaseCatalog } from './database-catalog.ts';
import type { Introspection } from './introspection.ts';
import { INTROSPECTION_SQL } from './introspection-sql.ts';
import type { Catalog } from './model.ts';

/** Runs one statement, values bound as text, and returns its rows in Postgres' text format. */
type CatalogQuery = (
  text: string,
  values: readonly (string | null)[],
) => Promise<readonly (readonly (string | null)[])[]>;

/**
 * Reads the catalog of the database in one round trip. A login without any table grant can do this.
 *
 * @param schemas exposed schemas: their relations and functions are in the catalog. Types are in it
 * from every schema.
 * @param roles roles whose rights are in the catalog
 * @param epoch `epoch` of the catalog
 *
 * @example
 * ```ts
 * const catalog = await introspect(query, ['public'], ['anon', 'authenticated']);
 * catalog.relation('public', 'trips')?.columns.get('title')?.type.name; // 'text'
 * ```
 */
export async function introspect(
  query: CatalogQuery,
  schemas: readonly string[],
  roles: readonly string[],
  epoch = 1,
): Promise<Catalog> {
  const rows = await query(INTROSPECTION_SQL, [encodeTextArray(schemas), encodeTextArray(roles)]);
  const document = rows[0]?.[0];
  if (typeof document !== 'string') {
    throw new ServiceError(
      'The database did not return its catalog: one row with one text column was expected.',
    );
  }
  return new DatabaseCatalog(JSON.parse(document) as Introspection, epoch);
}
