import {
  AuthenticationError,
  AuthorizationError,
  CheckError,
  ConflictError,
  type DatabaseError,
  type DatabaseErrorDetails,
  ForeignKeyError,
  NotFoundError,
  NotNullError,
  SerializationError,
  ServiceError,
  UniqueConstraintError,
  UnreadableDataError,
  UsageError,
  ValidationError,
} from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import type { ServerMessage } from './messages.ts';

/**
 * A function of the application raised the error itself, by `raise` or `assert` of PL/pgSQL. It may have any SQLSTATE, but
 * says nothing of the server or of the connection: the statement ran and failed.
 */
export function isRaised({ routine, severity }: ServerMessage): boolean {
  return severity === 'ERROR' && routine !== undefined && RAISED.has(routine);
}

/**
 * What a function raised, as the application's message to its caller: the text and the hint are passed on unchanged. The
 * SQLSTATE tells the class, where it is one that the request can cause.
 */
export function raisedError(error: ServerMessage, details: DatabaseErrorDetails): DatabaseError {
  const sqlState = error.code ?? '';
  const fault = own(FAULTS, sqlState) ?? own(FAULTS, sqlState.slice(0, 2)) ?? INVALID;
  const code = own(fault, 'code');
  return new fault.Fault(error.message ?? 'The database raised an exception.', {
    ...details,
    ...(code !== undefined && { code }),
    hint: error.hint,
  });
}

const RAISED: ReadonlySet<string> = new Set(['exec_stmt_raise', 'exec_stmt_assert']);

interface RaisedFault {
  readonly Fault: new (message: string, details: DatabaseErrorDetails) => DatabaseError;
  /** That of the class, if undefined. */
  readonly code?: string;
}

const CODE = 'RAISED';
const INVALID: RaisedFault = { Fault: ValidationError, code: CODE };

/** By SQLSTATE, or else by its class. `PT` and a status is PostgREST's convention. */
const FAULTS: Readonly<Record<string, RaisedFault>> = {
  '23': { Fault: CheckError },
  '23502': { Fault: NotNullError },
  '23503': { Fault: ForeignKeyError },
  '23505': { Fault: UniqueConstraintError },
  '23P01': { Fault: UniqueConstraintError, code: 'EXCLUSION_VIOLATION' },
  // Who raises these wants the transaction to run again.
  '40001': { Fault: SerializationError },
  '40P01': { Fault: SerializationError },
  '42501': { Fault: AuthorizationError },
  PT401: { Fault: AuthenticationError, code: CODE },
  PT403: { Fault: AuthorizationError, code: CODE },
  PT404: { Fault: NotFoundError, code: CODE },
  PT409: { Fault: ConflictError, code: CODE },
  PT422: { Fault: CheckError, code: CODE },
  // Our own functions, in supabase/cdb. Their messages have no values.
  CDB01: { Fault: ConflictError, code: 'IDEMPOTENCY_KEY_KEPT' },
  CDB02: { Fault: ConflictError, code: 'IDEMPOTENCY_KEY_REUSED' },
  CDB03: { Fault: UnreadableDataError, code: 'KEPT_RESULT_TOO_LARGE' },
  CDB04: { Fault: ServiceError, code: 'IDEMPOTENCY_KEY_NOT_CLAIMED' },
  CDB05: { Fault: ServiceError, code: 'NO_KEPT_RESULT' },
  CDB06: { Fault: AuthenticationError, code: 'IDEMPOTENCY_KEY_WITHOUT_SUBJECT' },
  CDB07: { Fault: ServiceError, code: 'COLUMNS_CHANGED' },
  CDB20: { Fault: UsageError, code: 'OPENING_REFUSED' },
  CDB21: { Fault: AuthorizationError, code: 'AUDIT_APPEND_ONLY' },
};
