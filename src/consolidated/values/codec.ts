/**
 * How values of one Postgres type reach JavaScript, equal in every mode.
 */
export interface Codec {
  /** From Postgres' text format, as the server sends it under the pinned settings of the batch. Never called with null. */
  readonly fromText: (text: string) => unknown;
  /** From the parsed JSON document of transaction mode. Never called with null. */
  readonly fromJson: (json: unknown) => unknown;
  /** How a column expression enters the JSON document: `expr` itself, or `(expr)::text` where JSON would lose digits. */
  readonly documentExpression: (expression: string) => string;
  /**
   * `value`: what JSON makes of the type is the value itself, within arrays and composites too.
   * `text`: it must be sent as text, and so must every array or composite that contains it.
   */
  readonly inJson: 'value' | 'text';
}

export interface DecodeOptions {
  /**
   * What int8 and numeric become when a JavaScript number cannot hold their digits: an error that names
   * this option, or strings (then for every value of these types, so that the type is predictable).
   *
   * @defaultValue 'throw'
   */
  readonly largeNumbers: 'throw' | 'string';
}

/** The decoder for values that need no decoding; row decoders recognize it and skip the call. */
export const identity = (value: unknown): unknown => value;

/** JSON's own value is the one that callers see; `fromText` makes the same from text. */
export function valueCodec(fromText: (text: string) => unknown): Codec {
  return { fromText, fromJson: identity, documentExpression: (expression) => expression, inJson: 'value' };
}

/** The value enters the document as text and is read by `fromText` in every mode. */
export function castCodec(fromText: (text: string) => unknown): Codec {
  return {
    fromText,
    // The cast makes it a JSON string.
    fromJson: fromText === identity ? identity : (json) => fromText(json as string),
    documentExpression: (expression) => `(${expression})::text`,
    inJson: 'text',
  };
}

/** The text is the value: `uuid`, `interval`, ranges, and every unknown type. */
export const textCodec: Codec = valueCodec(identity);
