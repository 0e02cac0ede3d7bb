import { DatabaseError, UniqueConstraintError } from '../../contract/errors.ts';
import { internalError } from '../../contract/failures.ts';
import type { Catalog } from '../catalog/model.ts';

/** What the caller is told: an error of this package, with all that is known of it. */
export function explained(
  error: unknown,
  catalog: Catalog | undefined,
  schemas: readonly string[],
): DatabaseError {
  if (!(error instanceof DatabaseError)) return internalError(error, 'not-applied');
  return error instanceof UniqueConstraintError ? withField(error, catalog, schemas) : error;
}

/**
 * Names the column of a unique violation. Under row level security Postgres leaves it out of the error,
 * but it names the constraint, and the catalog has its columns.
 */
function withField(
  error: UniqueConstraintError,
  catalog: Catalog | undefined,
  schemas: readonly string[],
): UniqueConstraintError {
  if (error.field !== undefined || catalog === undefined) return error;
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
