import { type Codec, castCodec, type DecodeOptions, identity, textCodec, valueCodec } from './codec.ts';
import { exactNumber, numberTooLarge } from './exact-number.ts';
import { isoTimestamp, isoTimestamptz } from './timestamp.ts';

/** A type of `pg_catalog` by its name. All types that are not listed are text: time, uuid, inet, money, oid, … */
export function builtinCodec(name: string, options: DecodeOptions): Codec {
  if (name === 'int8' || name === 'numeric') {
    return options.largeNumbers === 'string' ? decimalTextCodec : decimalCodec;
  }
  return BUILTIN.get(name) ?? textCodec;
}

/** Infinities and NaN, also of numeric, are the strings that Postgres uses in JSON. */
function decimal(text: string): number | string {
  const number = exactNumber(text);
  if (number === undefined) throw numberTooLarge();
  return Number.isFinite(number) ? number : text;
}

const decimalCodec = castCodec((text) => decimal(text));
const decimalTextCodec = castCodec(identity);

const wholeCodec = valueCodec((text) => +text);
const floatCodec = valueCodec((text) => {
  const number = +text;
  return Number.isFinite(number) ? number : text;
});
const jsonCodec = valueCodec((text) => JSON.parse(text) as unknown);

const BUILTIN: ReadonlyMap<string, Codec> = new Map([
  ['bool', valueCodec((text) => text === 't')],
  ['int2', wholeCodec],
  ['int4', wholeCodec],
  ['float4', floatCodec],
  ['float8', floatCodec],
  ['timestamptz', valueCodec(isoTimestamptz)],
  ['timestamp', valueCodec(isoTimestamp)],
  ['json', jsonCodec],
  ['jsonb', jsonCodec],
  // JSON prints these two as arrays, the numbers of the first and the texts of the second.
  ['int2vector', valueCodec((text) => (text === '' ? [] : text.split(' ').map(Number)))],
  ['oidvector', valueCodec((text) => (text === '' ? [] : text.split(' ')))],
]);
