import { AuthorizationError, DatabaseError, UniqueConstraintError } from '../../contract/errors.ts';
import { internalError } from '../../contract/failures.ts';
import type { Statement } from '../../contract/statement.ts';
import type { Catalog } from '../catalog/model.ts';

/** What the caller is told: an error of this package, with all that is known of it. */
export function explained(
  error: unknown,
  catalog: Catalog | undefined,
  schemas: readonly string[],
  statements: readonly Statement[] = [],
): DatabaseError {
  if (!(error instanceof DatabaseError)) return internalError(error, 'not-applied');
  if (error instanceof AuthorizationError) return withReturningHint(error, statements);
  return error instanceof UniqueConstraintError ? withField(error, catalog, schemas) : error;
}

/**
 * A role that may insert into a table but not read it is refused the rows that it wrote, by its grants and by the policies
 * for reading, in the same words as the write itself.
 */
function withReturningHint(error: AuthorizationError, statements: readonly Statement[]): AuthorizationError {
  const { sqlState, relation, cause, outcome } = error;
  const returns = statements.some(({ plan }) => plan.origin === 'compiled' && RETURNS_ROWS.test(plan.text));
  if (sqlState !== '42501' || !returns) return error;
  return new AuthorizationError(error.message, { sqlState, relation, cause, outcome, hint: RETURNING_HINT });
}

const RETURNS_ROWS = / returning (?!1\b)/;
const RETURNING_HINT =
  "To return the written rows, the role needs the right to read them too, by grant and by policy. Where it may only write, use 'returning: false'.";

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
