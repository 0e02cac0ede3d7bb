import {
  AuthorizationError,
  DatabaseError,
  OutcomeUnknownError,
  UniqueConstraintError,
  UsageError,
} from '../../contract/errors.ts';
import { internalError } from '../../contract/failures.ts';
import { relationWithoutGrant } from '../../contract/missing-grant.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Plan, Statement } from '../../contract/statement.ts';
import type { Catalog } from '../catalog/model.ts';
import type { Call } from './call.ts';

/** What the caller is told: an error of this package, with all that is known of it. */
export function explained(
  error: unknown,
  { place, ready, isKeyed }: Pick<Call<unknown>, 'place' | 'ready' | 'isKeyed'>,
  schemas: readonly string[],
): DatabaseError {
  if (!(error instanceof DatabaseError)) return internalError(error, 'not-applied');
  const { catalogs, inside } = place;
  const statements = ready?.statements ?? [];
  if (error instanceof AuthorizationError) return withReturningHint(error, statements);
  if (error instanceof UniqueConstraintError) return withField(error, catalogs.current, schemas);
  if (isKeyed && error instanceof OutcomeUnknownError) return withKeyHint(error);
  return error.code === 'READ_ONLY' && inside !== undefined ? withReadOnlyHint(error) : error;
}

/** With a key nobody has to look whether the write was applied. */
function withKeyHint({ message, code, sqlState, cause }: OutcomeUnknownError): OutcomeUnknownError {
  return new OutcomeUnknownError(message, { code, sqlState, cause, hint: KEY_HINT });
}

const KEY_HINT =
  "Repeat the call with the same 'idempotencyKey': it is applied once, and you get its result.";

/** A read outside of a transaction is one by its call or its function. Inside, the transaction says it for all. */
function withReadOnlyHint({ message, code, sqlState, cause, outcome }: DatabaseError): UsageError {
  return new UsageError(message, { code, sqlState, cause, outcome, hint: READ_ONLY_HINT });
}

const READ_ONLY_HINT =
  "The transaction has the option 'readOnly: true', which refuses writes. Leave it out to write.";

/**
 * A role that may write a table but not read it is refused the rows that it wrote, by its grants, in the same words as the
 * write itself. A policy's refusal is left alone: it is nearly always that of the row.
 */
function withReturningHint(error: AuthorizationError, statements: readonly Statement[]): AuthorizationError {
  const denied = relationWithoutGrant(error);
  if (denied === undefined || !statements.some(({ plan }) => returnsRowsOf(plan, denied))) return error;
  const { code, sqlState, constraint, relation, field, cause, outcome } = error;
  return new AuthorizationError(error.message, {
    ...{ code, sqlState, constraint, relation, field, cause, outcome },
    hint: RETURNING_HINT,
  });
}

/** Elsewhere the refused table is one that a trigger, a view or a policy uses. */
function returnsRowsOf({ origin, text }: Plan, relation: string): boolean {
  return origin === 'compiled' && RETURNS_ROWS.test(text) && text.includes(`.${quotedName(relation)} `);
}

const RETURNS_ROWS = / returning (?!1\b)/;
const RETURNING_HINT =
  "To return the written rows, the role must have the right to read them. If it may write this table but not read it, pass 'returning: false'.";

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
