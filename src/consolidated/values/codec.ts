import { columnsChanged } from './columns-changed.ts';

/**
 * How values of one Postgres type reach JavaScript, equal in every mode.
 *
 * Both decoders throw `columnsChanged` for what their type cannot be: the catalog may be older than the answer.
 */
export interface Codec {
  /** From Postgres' text format, as the server sends it under the pinned settings of the batch. Never called with null. */
  readonly fromText: (text: string) => unknown;
  /** From the parsed JSON document of transaction mode. Never called with null. */
  readonly fromJson: (json: unknown) => unknown;
  /**
   * Test that a row decoder writes in place of the call where `fromJson` answers with the value itself. It must
   * hold for no value that `fromJson` would refuse or change.
   */
  readonly plainJson?: PlainJson | undefined;
  /** How a column expression enters the JSON document: `expr` itself, or as text where JSON would lose digits. */
  readonly documentExpression: (expression: string) => string;
  /**
   * `value`: what JSON makes of the type is the value itself, within arrays and composites too.
   * `text`: it must be sent as text, and so must every array or composite that contains it.
   */
  readonly inJson: 'value' | 'text';
}

/** What JSON values need no look: strings, booleans, whole numbers of 32 or of 16 bits. */
export type PlainJson = 'string' | 'boolean' | 'int32' | 'int16';

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

const asItIs = (expression: string): string => expression;

/** JSON's own value is the one that callers see, once `fromJson` has looked at it; `fromText` makes the same from text. */
export function valueCodec(
  fromText: (text: string) => unknown,
  fromJson: (json: unknown) => unknown = identity,
  plainJson?: PlainJson,
): Codec {
  return { fromText, fromJson, plainJson, documentExpression: asItIs, inJson: 'value' };
}

/**
 * The value enters the document as text and is read by `fromText` in every mode.
 *
 * @param toText SQL that makes text of an expression
 */
export function castCodec(
  fromText: (text: string) => unknown,
  toText: (expression: string) => string = (expression) => `(${expression})::text`,
): Codec {
  return {
    fromText,
    fromJson: (json) => fromText(jsonString(json)),
    plainJson: fromText === identity ? 'string' : undefined,
    documentExpression: toText,
    inJson: 'text',
  };
}

/** JSON's string; every type but numbers, booleans, json, arrays and composites is one. */
export function jsonString(json: unknown): string {
  if (typeof json !== 'string') throw columnsChanged();
  return json;
}

/** Text is the value: `uuid`, `interval`, ranges, and every type that nobody knows better. */
export const textCodec: Codec = valueCodec(identity, jsonString, 'string');
