import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const FORM = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{43})$/;

interface RefreshToken {
  readonly sessionId: string;
  /** SHA-256 of the secret, in hex: all that is stored. */
  readonly hash: string;
}

/** The secret of a session until its next refresh. */
export function newSecret(): { readonly secret: string; readonly hash: string } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { secret, hash: hashOf(secret) };
}

export function refreshTokenOf(sessionId: string, secret: string): string {
  return `${sessionId}.${secret}`;
}

/** Undefined for what has not the form of one. */
export function readRefreshToken(token: unknown): RefreshToken | undefined {
  const [, sessionId, secret] = (typeof token === 'string' ? FORM.exec(token) : null) ?? [];
  return sessionId === undefined || secret === undefined ? undefined : { sessionId, hash: hashOf(secret) };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
