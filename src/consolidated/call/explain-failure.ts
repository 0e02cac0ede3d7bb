import { UniqueConstraintError } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/model.ts';

/**
 * Names the column of a unique violation. Under row level security Postgres leaves it out of the error,
 * but it names the constraint, and the catalog has its columns.
 */
export function explained(error: unknown, catalog: Catalog | undefined, schemas: readonly string[]): unknown {
  if (!(error instanceof UniqueConstraintError) || error.field !== undefined || catalog === undefined)
    return error;
  const { constraint, relation } = error;
  if (constraint === undefined || relation === undefined) return error;
  for (const schema of schemas) {
    const columns = catalog.relation(schema, relation)?.uniqueKeysByName.get(constraint);
    if (columns?.length !== 1) continue;
    return new UniqueConstraintError(error.message, {
      code: error.code,
      sqlState: error.sqlState,
      hint: error.hint,
      outcome: error.outcome,
      constraint,
      relation,
      field: columns[0],
      cause: error.cause,
    });
  }
  return error;
}
