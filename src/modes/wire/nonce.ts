import { randomBytes } from 'node:crypto';

/**
 * A value that no other batch has, in this process or another: 96 random bits once per process and
 * a counter. It identifies our reply; it is not a secret.
 */
const prefix = randomBytes(12).toString('base64url');
let counter = 0;

export function nextNonce(): string {
  counter += 1;
  return `${prefix}.${counter.toString(36)}`;
}
