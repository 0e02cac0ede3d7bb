import { randomBytes } from 'node:crypto';
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';

/** Tokens as an authentication server would issue them, and some that it would never issue. */
export interface DemoTokens {
  readonly good: string;
  /** Signed with a secret that is not the project's. */
  readonly badSignature: string;
  readonly expired: string;
  /** Correctly signed, but claims the role `service_role`. */
  readonly serviceRole: string;
  /** `alg: none`. */
  readonly unsigned: string;
}

/** A secret that lives as long as this run: tokens of the demo are not valid anywhere else. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

const HOUR_S = 3600;

/**
 * @param secret - what the service verifies with
 * @param sub - the user that all of them name
 * @param nowS - seconds since the epoch
 */
export async function issueTokens(secret: string, sub: string, nowS: number): Promise<DemoTokens> {
  const claims = { sub, role: 'authenticated', aud: 'authenticated', iat: nowS, exp: nowS + HOUR_S };
  return {
    good: await sign(claims, secret),
    badSignature: await sign(claims, makeSecret()),
    expired: await sign({ ...claims, iat: nowS - 2 * HOUR_S, exp: nowS - HOUR_S }, secret),
    serviceRole: await sign({ ...claims, role: 'service_role' }, secret),
    unsigned: new UnsecuredJWT(claims).encode(),
  };
}

function sign(claims: JWTPayload, secret: string): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(secret));
}
