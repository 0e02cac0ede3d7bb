import {
  type CryptoKey,
  decodeProtectedHeader,
  errors,
  type JWTVerifyOptions,
  jwtVerify,
  type ProtectedHeaderParameters,
} from 'jose';
import type { Clock } from '../../contract/clock.ts';
import {
  AuthenticationError,
  ConfigurationError,
  ConnectionError,
  type DatabaseError,
} from '../../contract/errors.ts';
import { internalError } from '../../contract/failures.ts';
import type { Claims, UserIdentity } from '../../contract/identity.ts';
import type { JwtOptions } from '../options/service-options.ts';
import { user } from './actors.ts';
import type { Fetch } from './fetch-key-set.ts';
import { keySources, TAKEN_UNNAMED } from './key-sources.ts';
import { ALGORITHMS, type KeyHint, type KeySource, type VerificationKey } from './verification-key.ts';

export type TokenVerifier = (token: string) => Promise<UserIdentity>;

/**
 * Makes the function that turns a token into an identity. It rejects if the token is invalid.
 *
 * @throws ConfigurationError `INVALID_OPTION`
 */
export function tokenVerifier(
  options: JwtOptions | undefined,
  clock: Clock,
  fetch: Fetch = globalThis.fetch,
): TokenVerifier {
  if (options === undefined) {
    return () =>
      Promise.reject(
        new ConfigurationError(
          "withToken() and verify() need the option 'jwt', with 'secret', 'jwksUrl', 'jwks' or 'sources'.",
          {
            code: 'JWT_NOT_CONFIGURED',
          },
        ),
      );
  }
  const sources = keySources(options, clock, fetch);
  const checks: JWTVerifyOptions = {
    audience: options.audience ?? 'authenticated',
    clockTolerance: options.clockToleranceSeconds ?? 5,
    requiredClaims: ['exp'],
    ...(options.issuer !== undefined && { issuer: options.issuer }),
  };
  return async (token) => {
    const now = { ...checks, currentDate: new Date(clock.wallNow()) };
    const claims = await verified(token, sources, now);
    try {
      return user(claims);
    } catch (cause) {
      // Such as an `exp` of 1e999, which JSON reads as infinity.
      throw new AuthenticationError('The claims of the token are invalid.', { code: 'TOKEN_INVALID', cause });
    }
  };
}

/**
 * The token that a method was given.
 *
 * @throws AuthenticationError `TOKEN_INVALID`
 */
export function checkedToken(method: string, token: unknown): string {
  if (typeof token === 'string' && token !== '') return token;
  throw new AuthenticationError(`The token of ${method}() must be a string, without "Bearer ".`, {
    code: 'TOKEN_INVALID',
  });
}

/** The claims of a token that one of the keys has signed. */
async function verified(
  token: string,
  sources: readonly KeySource[],
  checks: JWTVerifyOptions,
): Promise<Claims> {
  const hint = hintOf(token);
  if (!sources.some(({ algorithms }) => algorithms.includes(hint.alg))) {
    throw invalidToken('no key is for its algorithm', howToTake(hint.alg));
  }
  let reason = 'no key fits it';
  let unavailable: ConnectionError | undefined;
  for (const source of sources) {
    if (!source.algorithms.includes(hint.alg)) continue;
    try {
      for (const key of await source.keysFor(hint)) {
        const claims = await claimsBy(key, token, checks);
        if (claims !== undefined) return claims;
        reason = 'its signature is wrong';
      }
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      // Another source may know the key.
      unavailable ??= error;
    }
  }
  throw unavailable ?? invalidToken(reason);
}

function hintOf(token: string): KeyHint {
  try {
    // By its own members alone: not what somebody added to the prototype of all objects.
    const { alg, kid } = { __proto__: null, ...decodeProtectedHeader(token) } as ProtectedHeaderParameters;
    if (typeof alg === 'string') return { alg, kid: typeof kid === 'string' ? kid : undefined };
  } catch {
    // Not the form of a token.
  }
  throw invalidToken('it is malformed');
}

/** Undefined where another key has signed it. */
async function claimsBy(
  key: VerificationKey,
  token: string,
  checks: JWTVerifyOptions,
): Promise<Claims | undefined> {
  let loaded: CryptoKey | Uint8Array;
  try {
    loaded = await key.load();
  } catch (cause) {
    throw new ConnectionError('A key that verifies tokens is malformed.', {
      code: 'JWKS_UNAVAILABLE',
      cause,
    });
  }
  try {
    const { payload } = await jwtVerify(token, loaded, { ...checks, algorithms: [key.algorithm] });
    return payload as Claims;
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return undefined;
    throw translate(error);
  }
}

/** No part of a token goes into a message. */
function translate(error: unknown): DatabaseError {
  if (error instanceof errors.JWTExpired) {
    return new AuthenticationError('The token has expired.', { code: 'TOKEN_EXPIRED' });
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new AuthenticationError(`The claim '${error.claim}' of the token is invalid.`, {
      code: 'TOKEN_INVALID',
    });
  }
  if (error instanceof errors.JOSEError) return invalidToken(error.code);
  return internalError(error, 'not-applied');
}

function invalidToken(reason: string, hint?: string): DatabaseError {
  return new AuthenticationError(`The token is invalid: ${reason}.`, { code: 'TOKEN_INVALID', hint });
}

/** For whoever configures the service. Anybody can write an algorithm into a token, so only known names are repeated. */
function howToTake(algorithm: string): string | undefined {
  if (!ALGORITHMS.includes(algorithm)) return undefined;
  const source = algorithm.startsWith('HS') ? "'secret'" : "'jwksUrl'";
  const named = TAKEN_UNNAMED.includes(algorithm) ? '' : `, with '${algorithm}' in its 'algorithms'`;
  return `If the tokens of your project are signed with ${algorithm}, add ${source} to the option 'jwt'${named}.`;
}
