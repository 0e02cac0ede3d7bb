import { encodeArrayLiteral } from './array-literal.ts';
import { encodeBytes } from './encode-bytes.ts';
import { encodeJson } from './encode-json.ts';
import { encodeDate } from './encode-time.ts';
import { refuse } from './refuse.ts';
import { assertSendable } from './sendable-text.ts';

/**
 * Writes a value for raw SQL, where the type of the parameter is not known.
 *
 * Text, numbers, bigints and booleans as they are; `Date` as ISO 8601; bytes as `\x…`; arrays as array
 * literals; other objects, and `json(…)`, as JSON; null as null. For a vector, pass its text.
 *
 * Throws ValidationError for undefined, functions, symbols, invalid dates, text that cannot be sent, and what JSON cannot
 * represent.
 */
export function encodeLoose(value: unknown, where: string): string | null {
  switch (typeof value) {
    case 'string':
      return assertSendable(value, where);
    case 'number':
      return Object.is(value, -0) ? '-0' : `${value}`;
    case 'bigint':
      return `${value}`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return encodeDate(value, where);
      if (value instanceof Uint8Array || value instanceof ArrayBuffer) return encodeBytes(value, where);
      if (Array.isArray(value)) {
        return encodeArrayLiteral(value, LOOSE_ARRAY, `an element of ${where}`);
      }
      return encodeJson(value, where);
  }
  return refuse(
    where,
    'text, a number, a bigint, a boolean, a Date, bytes, an array, an object or null',
    value,
  );
}

const LOOSE_ARRAY = {
  delimiter: ',',
  bare: false,
  elementIsArray: false,
  encodeElement: encodeLoose,
} as const;
