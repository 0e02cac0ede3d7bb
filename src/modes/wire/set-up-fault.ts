import { ConfigurationError, type DatabaseErrorDetails } from '../../contract/errors.ts';
import { withoutValues } from './message-without-values.ts';
import type { ServerMessage } from './messages.ts';
import { isRaised } from './raised-error.ts';

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
