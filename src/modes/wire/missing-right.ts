import {
  AuthorizationError,
  ConfigurationError,
  type DatabaseError,
  type DatabaseErrorDetails,
} from '../../contract/errors.ts';
import { refusedByGrant } from '../../contract/missing-grant.ts';
import { withoutValues } from './message-without-values.ts';
import type { ServerMessage } from './messages.ts';
import { isRaised } from './raised-error.ts';

/**
 * 42501 of a statement. What the caller may not do is a 403: a row that a policy refuses, a table, column or function without a
 * grant. Any other right is one that an operator forgot to grant, such as usage of a
 * schema or of a sequence.
 *
 * The server says which of them it is only by its routine, and for the rest in its text. A text in another language is taken
 * for a missing right: that raises an alert where a 403 would hide it.
 */
export function missingRight(error: ServerMessage, details: DatabaseErrorDetails): DatabaseError {
  if (isRowSecurity(error)) {
    // The server names the table in its text only.
    const table = error.table ?? /for table "([^"]+)"/.exec(error.message ?? '')?.[1];
    const on = table === undefined ? '' : ` on "${table}"`;
    return new AuthorizationError(`Row level security refused the row${on}.`, {
      ...details,
      relation: table,
    });
  }
  const said = withoutValues(error.message);
  const { routine = '', message = '' } = error;
  if (routine === 'aclcheck_error_col' || DENIED_TO_CALLERS.test(message)) {
    return new AuthorizationError(refusedByGrant(said), details);
  }
  return new ConfigurationError(`The role lacks a right that its statements need: ${said}.`, {
    ...details,
    code: 'RIGHT_MISSING',
    hint: isSchema(error)
      ? "Let the role use the schema: 'grant usage on schema … to …'. To create objects in it, the role needs 'create' too."
      : 'Grant the right to the role, or do this as another one.',
  });
}

/**
 * The server refused the set-up of a batch, so the statement was not even read. No request is to blame: the login may not take
 * the role, the database has no such role, or something between us and the server changed what we sent.
 */
export function setUpFault(error: ServerMessage, details: DatabaseErrorDetails): ConfigurationError {
  if (isSetRole(error)) {
    return new ConfigurationError(
      `The login may not take the role of the caller: ${withoutValues(error.message)}.`,
      { ...details, code: 'SET_ROLE_REFUSED', hint: WHICH_URL },
    );
  }
  return new ConfigurationError(`The server refused the set-up of the batch (SQLSTATE ${error.code}).`, {
    ...details,
    code: 'SET_UP_FAILED',
    hint: "Check the settings of the login and of the pooler: 'cdb doctor' does.",
  });
}

/** The one fault that only a set-up has: the login is not a member of the role, or there is no such role. */
export function isSetRole(error: ServerMessage): boolean {
  const { code, routine, message = '' } = error;
  return (
    !isRaised(error) &&
    (code === '42501' || code === '22023') &&
    (routine === CHECK_OF_SETTING || message.startsWith('permission denied to set role'))
  );
}

/** Refuses a value of a setting. Of those in a set-up only the role can be wrong. */
const CHECK_OF_SETTING = 'call_string_check_hook';

const WHICH_URL =
  "The options 'direct', 'session' and 'transaction' take the login that may become anon and authenticated, those in 'service' the login that may become service_role. They may be swapped. 'cdb init' creates both logins and prints their URLs, and 'cdb doctor' checks them.";

const DENIED_TO_CALLERS =
  /^permission denied for (?:table|view|materialized view|foreign table|relation|column|function|procedure|routine|aggregate) /;

function isRowSecurity({ routine, message = '' }: ServerMessage): boolean {
  return routine === 'ExecWithCheckOptions' || message.includes('row-level security');
}

/** A schema is looked up while the statement is parsed, which is the only time that the server has a position to tell. */
function isSchema({ message = '', position, where }: ServerMessage): boolean {
  return (
    message.startsWith('permission denied for schema') || (position !== undefined && where === undefined)
  );
}
