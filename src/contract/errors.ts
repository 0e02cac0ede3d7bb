import { own } from './own-property.ts';
/**
 * What is known about a statement that failed.
 *
 * - `not-applied`: nothing was changed.
 * - `unknown`: the connection was lost, or its replies could not be trusted, after the statement was sent.
 * - `applied`: a write was committed, but its rows could not be returned, for example because of a
 *   number that JavaScript cannot represent.
 */
export type Outcome = 'not-applied' | 'unknown' | 'applied';

export interface DatabaseErrorDetails {
  readonly code?: string;
  readonly sqlState?: string | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly outcome?: Outcome;
  /** Name of the violated constraint. Never its values. */
  readonly constraint?: string | undefined;
  /** Name of the relation that the server named. */
  readonly relation?: string | undefined;
  /** Name of the column that the server or a constraint named. */
  readonly field?: string | undefined;
  /** Milliseconds after which another call may succeed, where that can be estimated. */
  readonly retryAfterMs?: number | undefined;
}

export interface SerializedDatabaseError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly statusCode: number;
  readonly outcome: Outcome;
  readonly sqlState?: string;
  readonly hint?: string;
  readonly constraint?: string;
  readonly relation?: string;
  readonly field?: string;
  readonly retryAfterMs?: number;
}

/**
 * The base of all errors of this package. `message`, `toJSON()` and logs contain names, never values and
 * never secrets. Postgres' own `detail` is dropped because it contains values.
 *
 * @example
 * ```ts
 * try {
 *   await db.insert('trips', { title: 'Lisbon' });
 * } catch (error) {
 *   if (error instanceof UniqueConstraintError) return reply.code(409).send({ field: error.field });
 *   throw error;
 * }
 * ```
 */
export class DatabaseError extends Error {
  /** Stable: safe to switch on. */
  readonly code: string;
  /** The status code for an HTTP response. */
  readonly statusCode: number;
  readonly outcome: Outcome;
  /** SQLSTATE of the server's error, five characters. */
  readonly sqlState: string | undefined;
  /** What to do about it. */
  readonly hint: string | undefined;
  readonly constraint: string | undefined;
  readonly relation: string | undefined;
  readonly field: string | undefined;
  /** Milliseconds after which another call may succeed: for `Retry-After`. Undefined where nothing can be said. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: DatabaseErrorDetails & { code: string; statusCode: number }) {
    const cause = own(details, 'cause');
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = details.code;
    this.statusCode = details.statusCode;
    // By own properties: what somebody put on every object's prototype says nothing of a statement.
    this.outcome = own(details, 'outcome') ?? 'not-applied';
    this.sqlState = own(details, 'sqlState');
    this.hint = own(details, 'hint');
    this.constraint = own(details, 'constraint');
    this.relation = own(details, 'relation');
    this.field = own(details, 'field');
    this.retryAfterMs = own(details, 'retryAfterMs');
  }

  toJSON(): SerializedDatabaseError {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      statusCode: this.statusCode,
      outcome: this.outcome,
      ...(this.sqlState !== undefined && { sqlState: this.sqlState }),
      ...(this.hint !== undefined && { hint: this.hint }),
      ...(this.constraint !== undefined && { constraint: this.constraint }),
      ...(this.relation !== undefined && { relation: this.relation }),
      ...(this.field !== undefined && { field: this.field }),
      ...(this.retryAfterMs !== undefined && { retryAfterMs: this.retryAfterMs }),
    };
  }
}

/**
 * A value of the request is wrong: it does not fit the type of its column, it is out of range, Postgres refused it. Who
 * sent it has to change it.
 */
export class ValidationError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'VALIDATION', ...details, statusCode: 400 });
  }
}

/** No identity, or an invalid token: `IDENTITY_REQUIRED`, `TOKEN_INVALID`, `TOKEN_EXPIRED`, `ROLE_NOT_ALLOWED`, … */
export class AuthenticationError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'AUTHENTICATION', ...details, statusCode: 401 });
  }
}

/** Refused by row level security or a missing grant. */
export class AuthorizationError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'FORBIDDEN', ...details, statusCode: 403 });
  }
}

/** `selectOne` found no row, or `expect` did not match the number of rows. */
export class NotFoundError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'NOT_FOUND', ...details, statusCode: 404 });
  }
}

/** 23505 (and 23P01). `field` is the column if the constraint has only one. */
export class UniqueConstraintError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'UNIQUE_VIOLATION', ...details, statusCode: 409 });
  }
}

/** 23503. */
export class ForeignKeyError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'FOREIGN_KEY_VIOLATION', ...details, statusCode: 409 });
  }
}

/**
 * A row no longer has the values that `unchanged` names: somebody else has written it. Nothing was written; read it again. Or
 * the idempotency key stands for another write (`IDEMPOTENCY_KEY_REUSED`): make a new one.
 */
export class ConflictError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'CONFLICT', ...details, statusCode: 409 });
  }
}

/** 40001, 40P01, or a table that was changed under the transaction: run the whole transaction again. */
export class SerializationError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'SERIALIZATION_FAILURE', ...details, statusCode: 409 });
  }
}

/** 23514, or 44000 of a view with check option. */
export class CheckError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'CHECK_VIOLATION', ...details, statusCode: 422 });
  }
}

/** 23502. */
export class NotNullError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'NOT_NULL_VIOLATION', ...details, statusCode: 422 });
  }
}

/** Too many attempts of one account or address. Nothing was tried; `retryAfterMs` says when it will be. */
export class ThrottledError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'THROTTLED', ...details, statusCode: 429 });
  }
}

/** Too many callers are waiting for a connection, here or at the pooler. Nothing was sent. */
export class OverloadedError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'OVERLOADED', ...details, statusCode: 503 });
  }
}

/**
 * The way to the database has failed so often that no call is sent on it until the service itself has found it in order
 * again. `cause` is the last failure. Nothing was sent.
 */
export class CircuitOpenError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'CIRCUIT_OPEN', ...details, statusCode: 503 });
  }
}

/** The server could not be reached or the connection was lost before anything could be applied. */
export class ConnectionError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'CONNECTION', ...details, statusCode: 503 });
  }
}

/** The deadline or the statement timeout passed; `code` is `TIMEOUT`, or `ABORTED` for the caller's own signal. */
export class TimeoutError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'TIMEOUT', ...details, statusCode: 504 });
  }
}

/** The statement was sent and its answer was lost. It may have been applied. */
export class OutcomeUnknownError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'OUTCOME_UNKNOWN', ...details, statusCode: 500, outcome: 'unknown' });
  }
}

/**
 * A call is wrong in code, whatever the request: an unknown table, column, function or option, a missing filter, SQL that
 * Postgres does not understand. The message names the place.
 */
export class UsageError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'WRONG_CALL', ...details, statusCode: 500 });
  }
}

/**
 * The options, the URLs, the logins or the rights of the service are wrong: a login that may not take its role, a schema that
 * is not exposed, a mode without a URL. It concerns every request, until an operator corrects it.
 */
export class ConfigurationError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'CONFIGURATION', ...details, statusCode: 500 });
  }
}

/** The database holds what the service cannot carry: a number with too many digits, or more rows or bytes than its limits. */
export class UnreadableDataError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'UNREADABLE_DATA', ...details, statusCode: 500 });
  }
}

/** The service is closed, or the server violated the protocol. */
export class ServiceError extends DatabaseError {
  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, { code: 'SERVICE', ...details, statusCode: 500 });
  }
}

/** All that is known of an error, for another one that says more. */
export function detailsOf(error: DatabaseError): DatabaseErrorDetails {
  const { code, sqlState, hint, outcome, constraint, relation, field, retryAfterMs } = error;
  const cause = own(error, 'cause');
  return { code, sqlState, hint, outcome, constraint, relation, field, retryAfterMs, cause };
}
