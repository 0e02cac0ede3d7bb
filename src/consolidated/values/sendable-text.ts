import { ValidationError } from '../../contract/errors.ts';

/**
 * Refuses what cannot, or must not, be bound as text: U+0000, which Postgres cannot store and which made a
 * pooler run bytes of a parameter as protocol messages, and lone surrogates, which would silently become
 * U+FFFD.
 */
export function assertSendable(text: string, where: string): string {
  if (text.includes('\0')) throw new ValidationError(`${where} must not contain the character U+0000.`);
  if (!text.isWellFormed()) {
    throw new ValidationError(`${where} must be well-formed text. It contains a lone surrogate.`);
  }
  return text;
}
