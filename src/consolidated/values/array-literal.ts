import { ValidationError } from '../../contract/errors.ts';
import { assertSendable } from './sendable-text.ts';

const SPECIAL = /["\\]/g;

function quote(text: string): string {
  return text.includes('"') || text.includes('\\') ? `"${text.replace(SPECIAL, '\\$&')}"` : `"${text}"`;
}

/** Postgres' own bound. */
const MAX_DIMENSIONS = 6;

interface ArrayShape {
  /** `typdelim` of the element type. */
  readonly delimiter: string;
  /** Texts of the element type contain nothing that is special in an array literal (numbers, booleans). */
  readonly bare: boolean;
  /** A JavaScript array is a value of the element type (json, vector), so it is not another dimension. */
  readonly elementIsArray: boolean;
  readonly encodeElement: (value: unknown, where: string, index: number) => string | null;
}

/**
 * Writes a JavaScript array as Postgres reads arrays: `{1,2}`, `{"a","b\"c",NULL}`, `{{1,2},{3,4}}`.
 *
 * Throws ValidationError if nested arrays differ in length: Postgres arrays must be rectangular.
 */
export function encodeArrayLiteral(
  values: readonly unknown[],
  shape: ArrayShape,
  where: string,
  dimensions = 1,
): string {
  if (dimensions > MAX_DIMENSIONS) {
    throw new ValidationError(`${where} takes arrays of at most ${MAX_DIMENSIONS} dimensions.`);
  }
  const length = shape.elementIsArray ? undefined : nestedLength(values, where);
  let out = '{';
  for (let index = 0; index < values.length; index++) {
    if (index > 0) out += shape.delimiter;
    const value = values[index];
    if (length !== undefined) {
      out += encodeArrayLiteral(value as readonly unknown[], shape, where, dimensions + 1);
      continue;
    }
    const text = shape.encodeElement(value, where, index);
    out += text === null ? 'NULL' : shape.bare ? text : quote(text);
  }
  return `${out}}`;
}

/** The common length of the nested arrays, or undefined if there are none. */
function nestedLength(values: readonly unknown[], where: string): number | undefined {
  const first = values[0];
  const length = Array.isArray(first) ? first.length : undefined;
  for (const value of values) {
    if ((Array.isArray(value) ? value.length : undefined) !== length) {
      throw new ValidationError(
        `${where} does not match the others: nested arrays must have the same length, and values and arrays must not be mixed.`,
      );
    }
  }
  return length;
}

/** A one-dimensional `text[]`, such as a list of schema names. */
export function encodeTextArray(values: readonly string[]): string {
  return encodeArrayLiteral(values, TEXT_ARRAY, 'a list of texts');
}

const TEXT_ARRAY: ArrayShape = {
  delimiter: ',',
  bare: false,
  elementIsArray: false,
  encodeElement: (value, where) => assertSendable(String(value), where),
};
