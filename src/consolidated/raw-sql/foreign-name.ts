import { UsageError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';

/** Postgres truncates longer names with only a notice. */
const MAX_NAME_BYTES = 63;

/**
 * An identifier from the caller as SQL text.
 *
 * Throws UsageError for what Postgres would refuse or truncate: no name, U+0000, more than 63 bytes of UTF-8.
 */
export function quoteForeignName(name: unknown): string {
  if (typeof name !== 'string' || name === '') {
    throw new UsageError('An identifier must be a string of at least one character.');
  }
  if (name.includes('\0') || !name.isWellFormed()) {
    throw new UsageError('An identifier must be well-formed text without the character U+0000.');
  }
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new UsageError(`An identifier must have at most ${MAX_NAME_BYTES} bytes.`);
  }
  return quotedName(name);
}
