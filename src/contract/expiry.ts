import type { Clock } from './clock.ts';
import { AuthenticationError } from './errors.ts';
import type { Actor } from './identity.ts';

/**
 * The actor, unless its token has expired. Checked when a call starts, when it has its connection, and before a
 * COMMIT: the token may expire while a call waits.
 *
 * @throws AuthenticationError `TOKEN_EXPIRED`
 */
export function unexpired(actor: Actor, clock: Clock): Actor {
  if (actor.expiresAt !== undefined && clock.wallNow() >= actor.expiresAt) {
    throw new AuthenticationError('The token of this caller has expired.', { code: 'TOKEN_EXPIRED' });
  }
  return actor;
}
