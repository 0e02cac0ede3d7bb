import {
  AuthorizationError,
  DatabaseError,
  detailsOf,
  OutcomeUnknownError,
  UniqueConstraintError,
  UsageError,
  ValidationError,
} from '../../contract/errors.ts';
import { internalError } from '../../contract/failures.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { namesOf } from '../../contract/server-names.ts';
import type { Plan } from '../../contract/statement.ts';
import { withBlamedColumn } from './blamed-column.ts';
import type { Call } from './call.ts';
import { type Recipient, relationOf, tellable } from './tellable-names.ts';

/** What the caller is told: an error of this package, with all that is known of it and may be told. */
export function explained(error: unknown, call: Call<unknown>, schemas: readonly string[]): DatabaseError {
  if (!(error instanceof DatabaseError)) return internalError(error, 'not-applied');
  const { place, actor, ready } = call;
  const { catalogs, inside } = place;
  const statements = ready?.statements ?? [];
  const recipient: Recipient = { catalog: catalogs.current, role: actor?.role, schemas, statements };
  const names = tellable(error, recipient);
  if (names !== error) return names;
  if (error instanceof AuthorizationError) return withReturningHint(error, recipient);
  if (error instanceof UniqueConstraintError) return withField(error, recipient);
  if (error instanceof ValidationError) return withBlamedColumn(error, call);
  if (call.isKeyed && error instanceof OutcomeUnknownError) return withKeyHint(error);
  return error.code === 'READ_ONLY' && inside !== undefined ? withReadOnlyHint(error) : error;
}

/** With a key nobody has to look whether the write was applied. */
function withKeyHint(error: OutcomeUnknownError): OutcomeUnknownError {
  return new OutcomeUnknownError(error.message, { ...detailsOf(error), hint: KEY_HINT });
}

const KEY_HINT =
  "Repeat the call with the same 'idempotencyKey': it is applied once, and you get its result.";

/** A read outside of a transaction is one by its call or its function. Inside, the transaction says it for all. */
function withReadOnlyHint(error: DatabaseError): UsageError {
  return new UsageError(error.message, { ...detailsOf(error), hint: READ_ONLY_HINT });
}

const READ_ONLY_HINT =
  "The transaction has the option 'readOnly: true', which refuses writes. Leave it out to write.";

/**
 * A role that may write a table but not read it is refused the rows that it wrote, in the same words as the write itself: by
 * its grants, or because no policy lets it read a row. Where one does, a policy's refusal is nearly always that of the row.
 */
function withReturningHint(error: AuthorizationError, recipient: Recipient): AuthorizationError {
  const names = namesOf(error);
  if (names?.relation === undefined) return error;
  const { relation: denied } = names;
  if (!recipient.statements.some(({ plan }) => returnsRowsOf(plan, denied))) return error;
  if (
    names.refusedBy === 'policy' &&
    relationOf(names, recipient)?.readers.has(recipient.role ?? '') !== false
  )
    return error;
  return new AuthorizationError(error.message, { ...detailsOf(error), hint: RETURNING_HINT });
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
function withField(error: UniqueConstraintError, recipient: Recipient): UniqueConstraintError {
  const names = namesOf(error);
  if (error.field !== undefined || names?.constraint === undefined) return error;
  const columns = relationOf(names, recipient)?.uniqueKeysByName.get(names.constraint);
  if (columns?.length !== 1) return error;
  return new UniqueConstraintError(error.message, { ...detailsOf(error), field: columns[0] });
}
