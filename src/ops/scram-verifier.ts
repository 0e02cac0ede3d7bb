import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

const ITERATIONS = 4096;

/**
 * What Postgres stores for a password (RFC 5802, `pg_authid.rolpassword`). Sent to `create role … password`
 * instead of the password, it keeps the password out of SQL text, server logs and `pg_stat_activity`.
 *
 * @param password only ASCII, so that SASLprep does not change it.
 * @param salt 16 random bytes.
 */
export function scramVerifier(password: string, salt: Uint8Array): string {
  if (!/^[\x21-\x7e]+$/.test(password))
    throw new RangeError('A generated password must contain visible ASCII characters only.');
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${Buffer.from(salt).toString('base64')}$${storedKey}:${serverKey}`;
}
