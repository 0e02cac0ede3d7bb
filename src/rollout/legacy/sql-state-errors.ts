import {
  AuthenticationError,
  AuthorizationError,
  CheckError,
  ConfigurationError,
  ConflictError,
  ConnectionError,
  type DatabaseError,
  type DatabaseErrorDetails,
  ForeignKeyError,
  NotFoundError,
  NotNullError,
  OverloadedError,
  SerializationError,
  ServiceError,
  TimeoutError,
  UniqueConstraintError,
  UsageError,
  ValidationError,
} from '../../contract/errors.ts';
import { connectionLost } from '../../contract/failures.ts';
import { own } from '../../contract/own-property.ts';
import type { DataApiFault } from './data-api-client.ts';

export type Access = 'read' | 'write';

type Translation = (fault: DataApiFault, details: DatabaseErrorDetails, access: Access) => DatabaseError;

/**
 * An error of Postgres as the class that the service has for it. The Data API passes on its SQLSTATE, its message and its
 * details: names are read from these, and values are not passed on.
 */
export function sqlStateError(fault: DataApiFault, access: Access): DatabaseError {
  const code = fault.code ?? '';
  const details = { sqlState: code, ...namesOf(fault) };
  const translation =
    own(STATES, code) ?? own(CLASSES, code.slice(0, 2)) ?? (OF_POSTGRES.test(code) ? refused : raised);
  return translation(fault, details, access);
}

/** Classes that Postgres has beside those below: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const OF_POSTGRES = /^(?:0[1-9A-Z]|2[0478BDF]|3[489BD]|72|F0|HV)/;

const refused: Translation = (_fault, details) =>
  new ServiceError(`Postgres refused the statement (SQLSTATE ${details.sqlState}).`, {
    ...details,
    code: 'SERVER_ERROR',
  });

/** What the server names only in its text, which is English on Supabase. */
function namesOf({ message, details }: DataApiFault): DatabaseErrorDetails {
  const constraint = /constraint "([^"]+)"/.exec(message)?.[1];
  const relation = /(?:relation|table|view) "([^"]+)"/.exec(message)?.[1];
  const column = /column "([^"]+)" of relation/.exec(message)?.[1];
  // `Key (email)=(…) already exists.`: of what is in the details, only this list is a name.
  const key = /^Key \(([^),(]+)\)=/.exec(details ?? '')?.[1]?.replace(/^"(.*)"$/, '$1');
  return { constraint, relation, field: column ?? (constraint === undefined ? undefined : key) };
}

const on = ({ relation }: DatabaseErrorDetails): string =>
  relation === undefined ? '' : ` on "${relation}"`;
const by = ({ constraint }: DatabaseErrorDetails): string =>
  constraint === undefined ? '' : ` (${constraint})`;

const invalid: Translation = (_fault, details) =>
  new ValidationError(`Postgres refused a value (SQLSTATE ${details.sqlState}).`, {
    ...details,
    code: 'INVALID_VALUE',
  });

const malformed: Translation = (_fault, details) => {
  const code = details.sqlState === '42P01' ? 'UNKNOWN_RELATION' : 'INVALID_STATEMENT';
  return new UsageError(`Postgres refused the statement (SQLSTATE ${details.sqlState}).`, {
    ...details,
    code,
  });
};

/** The Data API qualifies the columns that a request names, so that this names no value of a function's own SQL. */
const unknownColumn: Translation = ({ message }, details) => {
  const [, relation, field] = /^column (\w+)\.(\w+) does not exist$/.exec(message) ?? [];
  const named = field === undefined ? 'A column' : `The column "${field}" of "${relation}"`;
  return new UsageError(`${named} does not exist.`, { ...details, relation, field, code: 'UNKNOWN_COLUMN' });
};

const unknownObject: Translation = (fault, details, access) =>
  fault.message.startsWith('text search configuration')
    ? new UsageError('The database has no such text search configuration.', {
        ...details,
        code: 'UNKNOWN_LANGUAGE',
      })
    : malformed(fault, details, access);

/** By a function of the application: its message is one for its caller. */
const raised: Translation = ({ message, hint }, details) => {
  const Fault = own(RAISED, details.sqlState ?? '') ?? ValidationError;
  return new Fault(message, { ...details, code: 'RAISED', hint: hint ?? undefined });
};

/** `PT` and a status is PostgREST's convention. */
const RAISED: Readonly<
  Record<string, new (message: string, details: DatabaseErrorDetails) => DatabaseError>
> = {
  PT401: AuthenticationError,
  PT403: AuthorizationError,
  PT404: NotFoundError,
  PT409: ConflictError,
  PT422: CheckError,
};

/** A function raises these as well as PL/pgSQL does, which has the same words each time. */
const rowCount: Translation = (fault, details, access) =>
  /^query returned (?:no|more than one) rows?$/.test(fault.message)
    ? malformed(fault, details, access)
    : raised(fault, details, access);

const serialization: Translation = (_fault, details) =>
  new SerializationError('The statement conflicts with a concurrent transaction.', details);

const lost: Translation = (_fault, _details, access) => connectionLost(access);

const broken: Translation = (_fault, details) =>
  new ServiceError('The server is out of resources or has an internal error.', {
    ...details,
    code: 'SERVER_FAULT',
  });

const ROW_SECURITY = /row-level security/;
const DENIED_TO_CALLERS =
  /^permission denied for (?:table|view|materialized view|foreign table|relation|column|function|procedure|routine|aggregate) /;

const STATES: Readonly<Record<string, Translation>> = {
  '23505': (_fault, details) =>
    new UniqueConstraintError(
      `A row with the same value already exists${on(details)}${by(details)}.`,
      details,
    ),
  '23P01': (_fault, details) =>
    new UniqueConstraintError(`The row conflicts with another row${on(details)}${by(details)}.`, {
      ...details,
      code: 'EXCLUSION_VIOLATION',
    }),
  '23503': (_fault, details) =>
    new ForeignKeyError(`A foreign key${on(details)} is violated${by(details)}.`, {
      ...details,
      field: undefined,
    }),
  '23502': (_fault, details) =>
    new NotNullError(`The column "${details.field}"${on(details)} must not be null.`, details),
  '23514': (_fault, details) => new CheckError(`A check${on(details)} is violated${by(details)}.`, details),
  '44000': (_fault, details) =>
    new CheckError(`The row violates the check option of the view${on(details)}.`, details),
  '40001': serialization,
  '40P01': serialization,
  '21000': (fault, details, access) =>
    fault.message.startsWith('ON CONFLICT DO UPDATE')
      ? invalid(fault, details, access)
      : malformed(fault, details, access),
  // Of the statement's own text PostgREST takes care: this is a query of a text search, which is a value.
  '42601': invalid,
  '42501': ({ message }, details) =>
    ROW_SECURITY.test(message) || DENIED_TO_CALLERS.test(message)
      ? new AuthorizationError(
          ROW_SECURITY.test(message)
            ? `Row level security refused the row${on(details)}.`
            : 'The role is not allowed to do this.',
          details,
        )
      : new ConfigurationError('The role lacks a right that its statements need.', {
          ...details,
          code: 'RIGHT_MISSING',
        }),
  '42703': unknownColumn,
  '42704': unknownObject,
  '57014': (_fault, details) =>
    new TimeoutError('The statement exceeded its time limit on the server.', details),
  '55P03': (_fault, details) =>
    new TimeoutError('Could not acquire a lock in time.', { ...details, code: 'LOCK_NOT_AVAILABLE' }),
  '25006': (_fault, details) => new UsageError('A read tried to write.', { ...details, code: 'READ_ONLY' }),
  '53300': (_fault, details) =>
    new OverloadedError('The server has no free connection.', { ...details, code: 'TOO_MANY_CONNECTIONS' }),
  '54000': invalid,
  '54001': invalid,
  '57P01': lost,
  '57P02': lost,
  '57P05': lost,
  '57P03': (_fault, details) =>
    new ConnectionError('The server does not accept connections at the moment.', {
      ...details,
      code: 'SERVER_UNAVAILABLE',
    }),
  P0001: raised,
  P0002: rowCount,
  P0003: rowCount,
};

const CLASSES: Readonly<Record<string, Translation>> = {
  '08': lost,
  '0A': malformed,
  '21': malformed,
  '22': invalid,
  '23': (_fault, details) => new CheckError(`A constraint${on(details)} is violated.`, details),
  '25': malformed,
  '26': malformed,
  '3F': malformed,
  '42': malformed,
  '53': broken,
  '54': malformed,
  '55': malformed,
  '57': broken,
  '58': broken,
  XX: broken,
};
