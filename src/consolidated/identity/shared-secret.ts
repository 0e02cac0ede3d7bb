import { createPublicKey } from 'node:crypto';
import { MIN_SECRET_BYTES } from './key-material.ts';

/** Why a text must not be a shared secret, such as `holds a public key`; undefined where it may be one. */
export function faultOfSecret(secret: string): string | undefined {
  if (secret.trim() === '') return 'is only white space';
  // Who verifies HS256 by a key that is published accepts what anybody signs.
  if (holdsPublicKey(secret)) return 'holds a public key or a certificate, not a shared secret';
  return Buffer.byteLength(secret) < MIN_SECRET_BYTES
    ? `must have at least ${MIN_SECRET_BYTES} bytes (RFC 7518, section 3.2)`
    : undefined;
}

/** A PEM, a JSON Web Key or the bytes of a key, as they are or in base64. */
function holdsPublicKey(secret: string): boolean {
  const bytes = Buffer.from(secret, 'base64');
  const isText = (text: string) => text.includes('-----BEGIN ') || /"(kty|keys)"\s*:/.test(text);
  if (/^\s*\{/.test(secret) || isText(secret) || isText(bytes.toString('latin1'))) return true;
  return isKeyPem('PUBLIC KEY', bytes) || isKeyPem('RSA PUBLIC KEY', bytes) || isKeyPem('CERTIFICATE', bytes);
}

function isKeyPem(label: string, bytes: Buffer): boolean {
  try {
    createPublicKey(`-----BEGIN ${label}-----\n${bytes.toString('base64')}\n-----END ${label}-----\n`);
    return true;
  } catch {
    return false;
  }
}
