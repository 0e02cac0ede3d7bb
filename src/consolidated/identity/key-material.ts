import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { JWK } from 'jose';

/** RFC 7518, section 3.2: a shorter secret can be found by trying. */
export const MIN_SECRET_BYTES = 32;
/** RFC 7518, section 3.3. */
const MIN_RSA_BITS = 2048;

/**
 * Why nothing can be verified by the key, such as `is malformed`; undefined where it can.
 *
 * @param jwk - its own members alone
 */
export function faultOfMaterial(jwk: JWK): string | undefined {
  if (jwk.kty === 'oct') {
    if (typeof jwk.k !== 'string' || !/^[\w-]*$/.test(jwk.k)) return 'is malformed';
    const { length } = Buffer.from(jwk.k, 'base64url');
    return length < MIN_SECRET_BYTES ? `has fewer than ${MIN_SECRET_BYTES} bytes` : undefined;
  }
  let bits: number | undefined;
  try {
    bits = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }).asymmetricKeyDetails?.modulusLength;
  } catch {
    return 'is malformed';
  }
  return jwk.kty === 'RSA' && (bits ?? 0) < MIN_RSA_BITS ? `has fewer than ${MIN_RSA_BITS} bits` : undefined;
}
