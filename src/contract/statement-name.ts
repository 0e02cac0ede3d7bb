import { createHash } from 'node:crypto';

/**
 * Name of the prepared statement of a text: the same text has the same name in every process and on every
 * connection, so that where a pooler mixes up names, what then runs is the same text.
 */
export function statementName(text: string): string {
  return `s_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
}
