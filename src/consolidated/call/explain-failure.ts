import {
  DatabaseError,
  ServiceError,
  UniqueConstraintError,
  ValidationError,
} from '../../contract/errors.ts';
import type { Catalog } from '../catalog/model.ts';

/**
 * Names the column of a unique violation. Under row level security Postgres leaves it out of the error,
 * but it names the constraint, and the catalog knows its columns.
 */
export function withField(error: unknown, catalog: Catalog | undefined, schemas: readonly string[]): unknown {
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

/** A write was committed, but its rows cannot be handed over: whoever catches this must not write again. */
export function appliedNevertheless(error: unknown): unknown {
  // A reply that cannot be read proves nothing.
  if (!(error instanceof DatabaseError) || error.outcome === 'unknown') return error;
  const details = {
    code: error.code,
    hint: error.hint,
    field: error.field,
    outcome: 'applied',
    cause: error,
  } as const;
  const message = `The write was applied, but its rows cannot be handed over. ${error.message}`;
  return error instanceof ValidationError
    ? new ValidationError(message, details)
    : new ServiceError(message, details);
}
