/**
 * How values of one Postgres type reach JavaScript, equal in every mode.
 */
export interface Codec {
  /** From Postgres' text format, as the server sends it under the pinned settings of the batch. Never called with null. */
  fromText(text: string): unknown;
  /** From the parsed JSON document of transaction mode. Never called with null. */
  fromJson(json: unknown): unknown;
  /** How a column expression enters the JSON document: `expr` itself, or `(expr)::text` where JSON would lose digits. */
  documentExpression(expression: string): string;
}

export interface DecodeOptions {
  /**
   * What int8 and numeric become when a JavaScript number does not hold their digits: an error that names
   * this option, or strings (then for every value of these types, so that the type is predictable).
   *
   * @defaultValue 'throw'
   */
  readonly largeNumbers: 'throw' | 'string';
}
