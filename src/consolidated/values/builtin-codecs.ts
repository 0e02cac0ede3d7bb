import { type Codec, castCodec, type DecodeOptions, jsonString, textCodec, valueCodec } from './codec.ts';
import { columnsChanged, formatChanged } from './columns-changed.ts';
import { exactNumber, numberTooLarge } from './exact-number.ts';
import { isIsoRange, isoDate, isoTimestamp, isoTimestamptz, isPostgresInterval } from './timestamp.ts';

/** A type of `pg_catalog` by its name. All types that are not listed are text: time, uuid, inet, money, oid, … */
export function builtinCodec(name: string, options: DecodeOptions): Codec {
  if (name === 'int8') return options.largeNumbers === 'string' ? int8TextCodec : int8Codec;
  if (name === 'numeric') return options.largeNumbers === 'string' ? numericTextCodec : numericCodec;
  return BUILTIN.get(name) ?? textCodec;
}

const WHOLE = /^-?\d+$/;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;
/** What JSON has strings for, of numeric too. */
const NO_DIGITS: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);

function exact(text: string): number {
  const number = exactNumber(text);
  if (number === undefined) throw numberTooLarge();
  return number;
}

function wholeText(text: string): string {
  if (!WHOLE.test(text)) throw columnsChanged();
  return text;
}

function decimalText(text: string): string {
  if (!DECIMAL.test(text) && !NO_DIGITS.has(text)) throw columnsChanged();
  return text;
}

const whole = (text: string): number => exact(wholeText(text));

function decimal(text: string): number | string {
  if (DECIMAL.test(text)) return exact(text);
  return decimalText(text);
}

/**
 * The function that prints the type takes it, and what Postgres makes of it silently, whole numbers; a cast to text
 * would take everything. So a column that became text or boolean is refused, before anything ran.
 */
const printed = (name: string) => (expression: string) => `pg_catalog.${name}(${expression})`;

const int8Codec = castCodec(whole, printed('int8out'));
const int8TextCodec = castCodec(wholeText, printed('int8out'));
const numericCodec = castCodec(decimal, printed('numeric_out'));
const numericTextCodec = castCodec(decimalText, printed('numeric_out'));

/** Whole numbers of so many bits. */
function wholeCodec(bits: 16 | 32): Codec {
  const unused = 32 - bits;
  const fits = (number: unknown): boolean => ((number as number) << unused) >> unused === number;
  const read = (text: string): number => {
    const number = +text;
    if (!fits(number) || text === '') throw columnsChanged();
    return number;
  };
  const look = (json: unknown): unknown => {
    if (!fits(json)) throw columnsChanged();
    return json;
  };
  return valueCodec(read, look, bits === 32 ? 'int32' : 'int16');
}

const floatCodec = valueCodec(
  (text) => {
    const number = +text;
    if (Number.isFinite(number) && text !== '') return number;
    if (!NO_DIGITS.has(text)) throw columnsChanged();
    return text;
  },
  (json) => {
    if (typeof json !== 'number' && !NO_DIGITS.has(json)) throw columnsChanged();
    return json;
  },
);

const booleanCodec = valueCodec(
  (text) => {
    if (text === 't') return true;
    if (text === 'f') return false;
    throw columnsChanged();
  },
  (json) => {
    if (typeof json !== 'boolean') throw columnsChanged();
    return json;
  },
  'boolean',
);

const jsonCodec = valueCodec((text) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The cause is left out: V8 quotes the text, which is data.
    throw columnsChanged();
  }
});

/** JSON prints these two as arrays, the numbers of the first and the texts of the second. */
function spacedCodec(read: (item: string) => unknown, type: 'number' | 'string'): Codec {
  return valueCodec(
    (text) => (text === '' ? [] : text.split(' ').map(read)),
    (json) => {
      if (!Array.isArray(json) || json.some((item) => typeof item !== type)) throw columnsChanged();
      return json;
    },
  );
}

/** Text that a setting of the session decides the form of: in JSON too. */
function formedCodec(isFormed: (text: string) => boolean): Codec {
  return valueCodec(
    (text) => {
      if (!isFormed(text)) throw formatChanged();
      return text;
    },
    (json) => {
      // It may be a text of another type by now.
      if (!isFormed(jsonString(json))) throw columnsChanged();
      return json;
    },
  );
}

const rangeCodec = formedCodec(isIsoRange);

const BUILTIN: ReadonlyMap<string, Codec> = new Map([
  ['bool', booleanCodec],
  ['int2', wholeCodec(16)],
  ['int4', wholeCodec(32)],
  ['float4', floatCodec],
  ['float8', floatCodec],
  ['timestamptz', valueCodec(isoTimestamptz, jsonString, 'string')],
  ['timestamp', valueCodec(isoTimestamp, jsonString, 'string')],
  ['date', valueCodec(isoDate, jsonString, 'string')],
  ['interval', formedCodec(isPostgresInterval)],
  ['bytea', formedCodec((text) => text.startsWith('\\x'))],
  ['daterange', rangeCodec],
  ['tsrange', rangeCodec],
  ['tstzrange', rangeCodec],
  ['datemultirange', rangeCodec],
  ['tsmultirange', rangeCodec],
  ['tstzmultirange', rangeCodec],
  ['json', jsonCodec],
  ['jsonb', jsonCodec],
  ['int2vector', spacedCodec(Number, 'number')],
  ['oidvector', spacedCodec((item) => item, 'string')],
]);
