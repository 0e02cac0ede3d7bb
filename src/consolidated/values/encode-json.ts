import { ValidationError } from '../../contract/errors.ts';

/** An escape is real when an even number of backslashes stands before its own. */
const REFUSED_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/**
 * Writes any value as JSON: a string becomes a JSON string, `Date` and other objects with `toJSON` what
 * that returns. As `JSON.stringify` has it, properties that are undefined or functions are left out and
 * NaN becomes null.
 *
 * Throws ValidationError for what JSON cannot hold (bigint, cycles, a bare function or symbol) and for
 * U+0000 and lone surrogates, which jsonb refuses.
 */
export function encodeJson(value: unknown, where: string): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value) as string | undefined;
  } catch (cause) {
    // The cause is left out: its message may quote property names of the caller's data.
    const reason =
      cause instanceof TypeError ? 'It contains a bigint or a cycle' : 'Its toJSON method failed';
    throw new ValidationError(`${where} must be a value that JSON can represent. ${reason}.`);
  }
  if (json === undefined) {
    throw new ValidationError(`${where} must be a value that JSON can represent. It was a ${typeof value}.`);
  }
  // JSON.stringify escapes U+0000 always, and surrogates exactly when they are alone.
  if ((json.includes('\\u0000') || json.includes('\\ud')) && REFUSED_ESCAPE.test(json)) {
    throw new ValidationError(
      `${where} must be JSON without the character U+0000 and without lone surrogates.`,
    );
  }
  return json;
}
