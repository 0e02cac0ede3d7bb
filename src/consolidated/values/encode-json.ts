import { ValidationError } from '../../contract/errors.ts';

/** An escape is real if an even number of backslashes comes before it. */
const REFUSED_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/**
 * Writes any value as JSON: a string becomes a JSON string, `Date` and other objects with `toJSON` become what
 * that returns. As with `JSON.stringify`, properties that are undefined or functions are left out, and
 * NaN becomes null.
 *
 * Throws ValidationError for what JSON cannot represent (bigint, cycles, a function or symbol) and for
 * U+0000 and lone surrogates, which jsonb refuses.
 */
export function encodeJson(value: unknown, where: string): string {
  let json: string | undefined;
  try {
    json = JSON.stringify('toJSON' in Object.prototype ? shielded(value) : value) as string | undefined;
  } catch (cause) {
    // Without the cause: its message may contain property names of the caller's data.
    const reason =
      cause instanceof TypeError ? 'It contains a bigint or a cycle' : 'Its toJSON method failed';
    throw new ValidationError(`${where} must be a value that JSON can represent. ${reason}.`);
  }
  if (json === undefined) {
    throw new ValidationError(`${where} must be a value that JSON can represent. It was a ${typeof value}.`);
  }
  // JSON.stringify always escapes U+0000, and surrogates only if they are alone.
  if ((json.includes('\\u0000') || json.includes('\\ud')) && REFUSED_ESCAPE.test(json)) {
    throw new ValidationError(
      `${where} must be JSON without the character U+0000 and without lone surrogates.`,
    );
  }
  return json;
}

/** Own toJSON methods, and those of classes, apply; one that somebody added to the prototype of all objects does not. */
function shielded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === 'function' && toJSON !== Reflect.get(Object.prototype, 'toJSON')) {
    return shielded(toJSON.call(value));
  }
  if (Array.isArray(value)) {
    return Object.defineProperty(value.map(shielded), 'toJSON', { value: undefined });
  }
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [name, item] of Object.entries(value)) copy[name] = shielded(item);
  return copy;
}
