import { createHash } from 'node:crypto';

/** Name of the prepared statement of a text: the same text has the same name everywhere. */
export function planName(text: string): string {
  return `s_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
}
