import {
  CheckError,
  ConnectionError,
  type DatabaseError,
  type DatabaseErrorDetails,
  ForeignKeyError,
  NotNullError,
  OutcomeUnknownError,
  OverloadedError,
  SerializationError,
  ServiceError,
  TimeoutError,
  UniqueConstraintError,
  UsageError,
  ValidationError,
} from '../../contract/errors.ts';
import { failedExpectation } from '../../contract/expectation.ts';
import { own } from '../../contract/own-property.ts';
import type { HiddenNames } from '../../contract/server-names.ts';
import { loginRefusal } from './login-refusal.ts';
import { dataFault, withoutValues } from './message-without-values.ts';
import type { ServerMessage } from './messages.ts';
import { missingOwnSchema } from './missing-own-schema.ts';
import { missingRight } from './missing-right.ts';
import { noteFacts } from './noted-facts.ts';
import { judgePoolerError } from './pooler-errors.ts';
import { poolerFailure } from './pooler-failure.ts';
import { isRaised, raisedError } from './raised-error.ts';
import { isStandbyRefusal, readOnlyServer } from './read-only-server.ts';
import { setUpFault } from './set-up-fault.ts';
import { statementFault } from './statement-fault.ts';
import { unknownLanguage } from './unknown-language.ts';
import { unmetExpectation } from './unmet-expectation.ts';

interface ErrorContext {
  readonly access: 'read' | 'write';
  /** The SQL is an operator's, such as a migration: what Postgres says of it is passed on whole. */
  readonly trusted?: boolean;
  /** The set-up of the batch was not confirmed: what failed is the set-up, or behind a pooler another client's statement. */
  readonly inSetUp?: boolean;
  /** The place of the statement in its batch, from 0. @defaultValue 0 */
  readonly statement?: number;
  readonly hidden?: HiddenNames;
}

/**
 * Postgres' error as one of our classes. Names of constraints, relations and columns are kept; `detail` and
 * messages that quote a value are not.
 */
export function translateServerError(error: ServerMessage, context: ErrorContext): DatabaseError {
  const verdict = judgePoolerError(error);
  if (verdict !== undefined) {
    return verdict.kind === 'lost'
      ? lost(error, { sqlState: error.code }, context)
      : poolerFailure(verdict, verdict.kind, error.code);
  }
  const code = error.code ?? '';
  const raised = isRaised(error);
  const details = detailsOf(error);
  // The set-up calls no function of the application.
  if (own(context, 'inSetUp') === true && (raised || OF_STATEMENTS.test(code)))
    return setUpFault(error, details);
  if (raised) return raisedError(error, details);
  const refusal = loginRefusal(code, details);
  if (refusal !== undefined) return refusal;
  const translated = statementError(error, details, context);
  if (own(context, 'trusted') !== true) {
    noteFacts(translated, error, own(context, 'statement') ?? 0, (fewer, hidden) =>
      statementError(fewer, detailsOf(fewer), { ...context, hidden }),
    );
  }
  return translated;
}

function detailsOf({ code, constraint, table, column }: ServerMessage): DatabaseErrorDetails {
  return { sqlState: code, constraint, relation: table, field: column };
}

function statementError(
  error: ServerMessage,
  details: DatabaseErrorDetails,
  context: ErrorContext,
): DatabaseError {
  const code = error.code ?? '';
  const known = own(KNOWN, code) ?? own(CLASSES, code.slice(0, 2));
  if (known !== undefined) return known(error, details, context);
  return new ServiceError(`Postgres refused the statement (SQLSTATE ${code}).`, {
    ...details,
    code: 'SERVER_ERROR',
    hint: statementFault(error, own(context, 'trusted')).hint,
  });
}

/**
 * The error when the connection ended with an error message. FATAL may follow CommandComplete, and before the
 * set-up was confirmed an error may be another client's. So a write is known not to be applied only if its own
 * statement failed, or if a pooler says that it never passed it on.
 */
export function failureOfClosed(
  error: ServerMessage,
  access: 'read' | 'write',
  confirmed: boolean,
): DatabaseError {
  const translated = translateServerError(error, { access });
  if (access === 'read' || translated.outcome !== 'not-applied') return translated;
  const proven = confirmed ? error.severity === 'ERROR' : judgePoolerError(error)?.nothingRan === true;
  return proven
    ? translated
    : new OutcomeUnknownError(LOST_WRITE, { code: 'CONNECTION_LOST', cause: translated });
}

const LOST_WRITE =
  'The server closed the connection after a write was sent. The write may have been applied.';

type Translation = (
  error: ServerMessage,
  details: DatabaseErrorDetails,
  context: ErrorContext,
) => DatabaseError;

const on = (error: ServerMessage): string => (error.table === undefined ? '' : ` on ${quote(error.table)}`);
const by = ({ constraint }: ServerMessage): string => (constraint === undefined ? '' : ` (${constraint})`);
const the = (what: string, name: string | undefined): string =>
  name === undefined ? `A ${what}` : `The ${what} ${quote(name)}`;
const quote = (name: string): string => `"${name}"`;

const lost: Translation = (_error, details, context) =>
  context.access === 'write'
    ? new OutcomeUnknownError(LOST_WRITE, {
        ...details,
        code: 'CONNECTION_LOST',
        hint: 'Check whether the write was applied before you send it again.',
      })
    : new ConnectionError('The server closed the connection while a read was running.', {
        ...details,
        code: 'CONNECTION_LOST',
      });

const serialization: Translation = (error, details) =>
  new SerializationError(
    error.code === '40P01'
      ? 'Postgres rolled back the transaction to resolve a deadlock.'
      : 'The transaction conflicts with a concurrent transaction.',
    {
      ...details,
      hint: "Run the whole transaction again. transaction() does this with the option 'retries'.",
    },
  );

const invalid: Translation = (error, details) => {
  const failed = failedExpectation(error.code, error.message);
  if (failed !== undefined) return unmetExpectation(failed);
  // Values are bound. So where the server says a position in the text, what it refuses stands in the text.
  const isLiteral = error.position !== undefined && error.where === undefined;
  const Fault = isLiteral ? UsageError : ValidationError;
  return new Fault(`Postgres refused a value${on(error)}: ${dataFault(error)}.`, {
    ...details,
    code: 'INVALID_VALUE',
  });
};

const malformed: Translation = (error, details, context) => {
  const missing = missingOwnSchema(error, details);
  if (missing !== undefined) return missing;
  const { message, hint } = statementFault(error, own(context, 'trusted'));
  return new UsageError(`Postgres refused the statement: ${message}.`, {
    ...details,
    code: 'INVALID_STATEMENT',
    hint,
  });
};

const unavailable: Translation = (_error, details) =>
  new ConnectionError('The server does not accept connections at the moment.', {
    ...details,
    code: 'SERVER_UNAVAILABLE',
  });

const broken: Translation = (_error, details) =>
  new ServiceError('The server is out of resources or has an internal error.', {
    ...details,
    code: 'SERVER_FAULT',
  });

const KNOWN: Readonly<Record<string, Translation>> = {
  '23505': (error, details) =>
    new UniqueConstraintError(`A row with the same value already exists${on(error)}${by(error)}.`, {
      ...details,
      field: details.field ?? fieldOfUniqueViolation(error),
    }),
  '23P01': (error, details) =>
    new UniqueConstraintError(`The row conflicts with another row${on(error)}${by(error)}.`, {
      ...details,
      code: 'EXCLUSION_VIOLATION',
    }),
  '23503': (error, details) =>
    new ForeignKeyError(`${the('foreign key', error.constraint)}${on(error)} is violated.`, details),
  '23502': (error, details) =>
    new NotNullError(`${the('column', error.column)}${on(error)} must not be null.`, details),
  '23514': (error, details) =>
    new CheckError(`${the('check', error.constraint)}${on(error)} is violated.`, details),
  '44000': (error, details) =>
    new CheckError(`The row violates the check option of the view${on(error)}.`, details),
  '40001': serialization,
  '40P01': serialization,
  '21000': (error, details, context) =>
    error.routine === 'ExecOnConflictUpdate'
      ? new ValidationError(`Two rows of the upsert${on(error)} have the same key.`, {
          ...details,
          code: 'INVALID_VALUE',
        })
      : malformed(error, details, context),
  // A tsquery or a jsonpath that cannot be read has no position in the text of the statement.
  '42601': (error, details, context) =>
    error.position === undefined && error.where === undefined && own(context, 'trusted') !== true
      ? invalid(error, details, context)
      : malformed(error, details, context),
  '42501': missingRight,
  '42704': (error, details, context) => unknownLanguage(error, details) ?? malformed(error, details, context),
  '57014': (error, details) =>
    new TimeoutError(
      error.message?.includes('user request') === true
        ? 'The statement was cancelled by someone else.'
        : 'The statement exceeded its time limit on the server.',
      {
        ...details,
        hint: "Raise 'timeoutMs'. The role's own statement_timeout is the upper limit.",
      },
    ),
  '55000': malformed,
  '55P03': (_error, details) =>
    new TimeoutError('Could not acquire a lock in time.', { ...details, code: 'LOCK_NOT_AVAILABLE' }),
  '25006': (error, details, context) =>
    context.access === 'read'
      ? new UsageError(`A read tried to write: ${withoutValues(error.message)}.`, {
          ...details,
          code: 'READ_ONLY',
          hint: "Run it as a write: declare an rpc function that writes as volatile, or call sql with { access: 'write' }.",
        })
      : readOnlyServer(details),
  '0A000': (error, details, context) =>
    isStandbyRefusal(error) ? readOnlyServer(details) : malformed(error, details, context),
  '2D000': (_error, details) =>
    new UsageError('The SQL begins or ends a transaction where it may not.', {
      ...details,
      code: 'TRANSACTION_CONTROL',
      hint: 'A DO block or a procedure runs in a transaction of the service. Leave COMMIT and ROLLBACK out, or let service() call it with sql({ ownTransactions: true }).',
    }),
  '53300': (_error, details) =>
    new OverloadedError('The server has no free connection.', { ...details, code: 'TOO_MANY_CONNECTIONS' }),
  '54000': invalid,
  '54001': invalid,
  '57P03': unavailable,
  '57P01': lost,
  '57P02': lost,
  '57P05': lost,
  '25P03': lost,
  '25P04': lost,
  // A pooler may leave out the routine.
  P0001: raisedError,
};

/** Classes of errors that elsewhere speak of the statement and its values. */
const OF_STATEMENTS = /^(?:22|42)/;

const CLASSES: Readonly<Record<string, Translation>> = {
  '08': lost,
  '0A': malformed,
  '21': malformed,
  '22': invalid,
  '23': (error, details) => new CheckError(`A constraint${on(error)} is violated.`, details),
  '25': malformed,
  '26': malformed,
  '3F': malformed,
  '42': malformed,
  '53': broken,
  '54': malformed,
  '58': broken,
  P0: malformed,
  CD: raisedError,
  XX: broken,
};

/** `Key (email)=(…) already exists.`: the column list is a name. What follows are values, which are not passed on. */
function fieldOfUniqueViolation(error: ServerMessage): string | undefined {
  const list = /^Key \(([^)]+)\)=/.exec(error.detail ?? '')?.[1];
  if (list === undefined || /[,(]/.test(list)) return undefined;
  return list.startsWith('"') ? list.slice(1, -1).replaceAll('""', '"') : list;
}
