import { AuthenticationError } from '../../contract/errors.ts';

/** The one answer to every wrong email and every wrong password. */
export function invalidCredentials(): AuthenticationError {
  return new AuthenticationError('The email or the password is wrong.', { code: 'INVALID_CREDENTIALS' });
}

export function invalidSession(): AuthenticationError {
  return new AuthenticationError('The session has ended, or its refresh token is invalid.', {
    code: 'SESSION_INVALID',
  });
}
