import { AsyncLocalStorage } from 'node:async_hooks';
import { AuthenticationError, UsageError } from '../contract/errors.ts';
import type { Identity, UserIdentity } from '../contract/identity.ts';

interface CurrentRequest {
  readonly identity: Identity;
  readonly signal: AbortSignal;
}

const current = new AsyncLocalStorage<CurrentRequest>();

/** Makes a request the current one for all that `work` calls and awaits. */
export function inRequest<T>(request: CurrentRequest, work: () => T): T {
  return current.run(request, work);
}

/**
 * Aborts when the client of the current request goes away before it has its answer. Undefined where there is no request, so that
 * one function serves requests and jobs.
 *
 * Pass it to reads and streams: what nobody waits for ends, also in the database. Think before you pass it to a write: a client
 * that goes away then leaves open whether it was applied.
 *
 * @example
 * ```ts
 * const trips = await db.select('trips', { limit: 100, signal: requestSignal() });
 * ```
 */
export function requestSignal(): AbortSignal | undefined {
  return current.getStore()?.signal;
}

/**
 * Who the current request acts as: anonymous, a user with verified claims, or whatever `identify` has returned.
 *
 * @throws UsageError `NO_REQUEST` outside a request
 */
export function requestIdentity(): Identity {
  const request = current.getStore();
  if (request !== undefined) return request.identity;
  throw new UsageError('There is no current request.', {
    code: 'NO_REQUEST',
    hint: 'Put the middleware before the route.',
  });
}

/**
 * The user of the current request, with verified claims. For routes that are not for everybody, and for those that call no
 * database.
 *
 * @throws AuthenticationError `IDENTITY_REQUIRED` where the caller is anonymous or the service
 * @throws UsageError `NO_REQUEST` outside a request
 *
 * @example
 * ```ts
 * app.get('/me', (c) => c.json({ id: requestUser().claims.sub }));
 * ```
 */
export function requestUser(): UserIdentity {
  const identity = requestIdentity();
  if (identity.kind === 'user') return identity;
  throw new AuthenticationError('This request needs a user.', { code: 'IDENTITY_REQUIRED' });
}
