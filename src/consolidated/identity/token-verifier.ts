import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Clock } from '../../contract/clock.ts';
import {
  AuthenticationError,
  ConfigurationError,
  ConnectionError,
  type DatabaseError,
} from '../../contract/errors.ts';
import type { Claims, Identity } from '../../contract/identity.ts';
import type { JwtOptions } from '../options/service-options.ts';
import { user } from './actors.ts';

export type TokenVerifier = (token: string) => Promise<Identity>;

/** Makes the function that turns a token into an identity. It rejects if the token is invalid. */
export function tokenVerifier(options: JwtOptions | undefined, clock: Clock): TokenVerifier {
  if (options === undefined) {
    return () =>
      Promise.reject(
        new ConfigurationError("withToken() needs the option 'jwt' with 'secret', 'jwksUrl' or 'jwks'.", {
          code: 'JWT_NOT_CONFIGURED',
        }),
      );
  }
  const { secret, jwksUrl, jwks } = options;
  const given = [secret, jwksUrl, jwks].filter((key) => key !== undefined).length;
  if (given !== 1) {
    throw new ConfigurationError(
      `The option 'jwt' must have exactly one of 'secret', 'jwksUrl' and 'jwks'. It has ${given}.`,
      {
        code: 'INVALID_OPTION',
      },
    );
  }
  const checks: JWTVerifyOptions = {
    algorithms: [...(options.algorithms ?? (secret === undefined ? ['ES256', 'RS256', 'EdDSA'] : ['HS256']))],
    audience: options.audience ?? 'authenticated',
    clockTolerance: options.clockToleranceSeconds ?? 5,
    requiredClaims: ['exp'],
    ...(options.issuer !== undefined && { issuer: options.issuer }),
  };
  const verify = verifierOf(options, () => ({ ...checks, currentDate: new Date(clock.wallNow()) }));
  return async (token) => {
    let claims: Claims;
    try {
      claims = await verify(token);
    } catch (error) {
      throw translate(error);
    }
    try {
      return user(claims);
    } catch (cause) {
      // Such as an `exp` of 1e999, which JSON reads as infinity.
      throw new AuthenticationError('The claims of the token are invalid.', { code: 'TOKEN_INVALID', cause });
    }
  };
}

function verifierOf(options: JwtOptions, checks: () => JWTVerifyOptions): (token: string) => Promise<Claims> {
  if (options.secret !== undefined) {
    const key = new TextEncoder().encode(options.secret);
    return async (token) => (await jwtVerify(token, key, checks())).payload as Claims;
  }
  const keys =
    options.jwks === undefined
      ? createRemoteJWKSet(new URL(options.jwksUrl ?? ''), { timeoutDuration: 3_000 })
      : createLocalJWKSet(options.jwks);
  return async (token) => (await jwtVerify(token, keys, checks())).payload as Claims;
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
  if (
    error instanceof errors.JWKSTimeout ||
    (error instanceof Error && !(error instanceof errors.JOSEError))
  ) {
    return new ConnectionError('Could not fetch the keys that verify tokens.', {
      code: 'JWKS_UNAVAILABLE',
      cause: error,
    });
  }
  const reason = error instanceof errors.JOSEError ? ` (${error.code})` : '';
  return new AuthenticationError(`The token is invalid${reason}.`, { code: 'TOKEN_INVALID' });
}
