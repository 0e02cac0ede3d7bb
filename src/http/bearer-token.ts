import { AuthenticationError } from '../contract/errors.ts';

/** Longer than any token whose claims the service takes, and as long as all headers of a request together in Node. */
const MAX_LENGTH = 16_384;

/** RFC 6750: the scheme in any case, then one token. No comma is in it, so that two headers joined to one are no token. */
const BEARER = /^bearer +([\w\-.~+/]+=*)$/i;

/**
 * The token of the header `Authorization`. Undefined only where there is no such header: one that holds anything else is
 * refused, so that nobody acts as anonymous who meant to be somebody.
 *
 * @throws AuthenticationError `TOKEN_INVALID`
 */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const token = authorization.length > MAX_LENGTH ? undefined : BEARER.exec(authorization)?.[1];
  if (token !== undefined) return token;
  throw new AuthenticationError(
    `The header 'Authorization' must be sent once, as "Bearer" and one token, with at most ${MAX_LENGTH} characters.`,
    { code: 'TOKEN_INVALID' },
  );
}
