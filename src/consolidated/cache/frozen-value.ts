/** Of an object in V8: its map, properties and elements, and one word for each property. */
const OBJECT_BYTES = 24;
const WORD_BYTES = 8;
/** Of an array: its map, properties, elements and length, and the header of the elements. */
const ARRAY_BYTES = 48;
const STRING_BYTES = 16;
/** Of a number that V8 does not keep in the place of a pointer to it. */
const NUMBER_BYTES = 16;

/**
 * Freezes a value and all that it holds, so that nobody who reads it can change what others read.
 *
 * @returns bytes of memory that it takes, about
 */
export function freeze(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return textBytes(value);
    case 'number':
      return (value | 0) === value ? 0 : NUMBER_BYTES;
    case 'object':
      return value === null ? 0 : freezeObject(value);
    default:
      return 0;
  }
}

function freezeObject(value: object): number {
  let bytes = Array.isArray(value) ? ARRAY_BYTES : OBJECT_BYTES;
  for (const each of Object.values(value)) bytes += WORD_BYTES + freeze(each);
  Object.freeze(value);
  return bytes;
}

/** One byte for each character where all are of ASCII, which is quick to find out; otherwise two at most. */
export function textBytes(text: string): number {
  return STRING_BYTES + (Buffer.byteLength(text) === text.length ? text.length : text.length * 2);
}
