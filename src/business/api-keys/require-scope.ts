import { AuthorizationError } from '../../contract/errors.ts';
import type { UserIdentity } from '../../contract/identity.ts';
import { own } from '../../contract/own-property.ts';

/**
 * Refuses an API key without the scope. Who has signed in themselves has every scope: an identity without `api_key_id` passes.
 *
 * Scopes are what your routes ask for. To the database an API key is its user: what no key may do there, say in a policy, by
 * `auth.jwt() ->> 'api_key_id'`.
 *
 * @throws AuthorizationError `SCOPE_MISSING`
 *
 * @example
 * ```ts
 * requireScope(await verifier.verify(key), 'trips:write');
 * ```
 */
export function requireScope({ claims }: UserIdentity, scope: string): void {
  if (own(claims, 'api_key_id') === undefined) return;
  const scopes = own(claims, 'scopes');
  if (Array.isArray(scopes) && scopes.includes(scope)) return;
  throw new AuthorizationError(`The API key lacks the scope '${scope}'.`, { code: 'SCOPE_MISSING' });
}
