import {
  type AuthenticationError,
  ConfigurationError,
  ConnectionError,
  type DatabaseError,
  ThrottledError,
} from '../../contract/errors.ts';
import type { SupabaseAuthFault } from './supabase-client.ts';

/** What Supabase Auth answers to credentials and refresh tokens that do not fit, by its codes. */
const NOT_VALID: ReadonlySet<string> = new Set([
  'invalid_credentials',
  'email_not_confirmed',
  'user_banned',
  'user_not_found',
  'validation_failed',
  'session_not_found',
  'session_expired',
  'refresh_token_not_found',
  'refresh_token_already_used',
  'invalid_grant',
]);

/**
 * The error of this package for one of Supabase Auth.
 *
 * @param invalid - makes the one answer to what does not fit
 */
export function authFault(fault: SupabaseAuthFault, invalid: () => AuthenticationError): DatabaseError {
  const { name, status = 0, code = 'none' } = fault;
  if (status === 429) {
    return new ThrottledError('Supabase Auth takes no more attempts for now.', { code: 'TOO_MANY_ATTEMPTS' });
  }
  if (NOT_VALID.has(code)) return invalid();
  if (status === 0 || status >= 500 || name === 'AuthRetryableFetchError') {
    return new ConnectionError(`Supabase Auth does not answer: ${name}, status ${status}.`, {
      code: 'AUTH_UNAVAILABLE',
      cause: fault,
    });
  }
  return new ConfigurationError(`Supabase Auth refuses the request: status ${status}, code ${code}.`, {
    code: 'AUTH_REFUSED',
    hint: 'Check the URL and the key of the client, and that the project takes sign-in with a password.',
    cause: fault,
  });
}

/** Refused for its token: it has expired, or its session has ended. */
export function isTokenFault({ status }: SupabaseAuthFault): boolean {
  return status === 401 || status === 403 || status === 404;
}
