import { createHash } from 'node:crypto';

/**
 * Name of the prepared statement for a text. The same text has the same name in every process and on every
 * connection. So if a pooler mixes up connections, the same text runs.
 */
export function statementName(text: string): string {
  return `s_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
}
