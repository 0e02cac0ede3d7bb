import { requestUser } from '../../src/http/index.ts';
import { AuthenticationError } from '../../src/index.ts';

/** The id of the user who calls: 401 for whoever is none. */
export function callerId(): string {
  const { sub } = requestUser().claims;
  if (sub !== undefined) return sub;
  throw new AuthenticationError('The token names no user.', { code: 'IDENTITY_REQUIRED' });
}
