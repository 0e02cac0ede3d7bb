import { encodeBytes } from './encode-bytes.ts';
import { encodeJson } from './encode-json.ts';
import { encodeDate, encodeDay, mayBeTime } from './encode-time.ts';
import type { Encoder } from './encoder.ts';
import { refuse } from './refuse.ts';
import { assertSendable } from './sendable-text.ts';

interface ScalarEncoder {
  readonly encode: Encoder;
  /** Its texts need no quotes in an array literal. */
  readonly bare: boolean;
}

const WHOLE = /^\s*[+-]?\d+\s*$/;
const DECIMAL = /^\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|NaN|inf(?:inity)?)\s*$/i;
/** As Postgres reads it: hyphens after any four digits, braces around all of it. */
const UUID = /^(?:[\da-f]{4}-?){7}[\da-f]{4}$|^\{(?:[\da-f]{4}-?){7}[\da-f]{4}\}$/i;
const TRUTH = /^\s*(?:t|true|f|false|y|yes|n|no|on|off|1|0)\s*$/i;

function wholeNumber(minimum: bigint, maximum: bigint): Encoder {
  const allowed = `a whole number from ${minimum} to ${maximum}`;
  const smallest = Number(minimum);
  const largest = Number(maximum);
  const safe = Number.isSafeInteger(largest);
  return (value, where) => {
    switch (typeof value) {
      case 'number':
        if (!safe && Number.isInteger(value) && !Number.isSafeInteger(value)) {
          return refuse(where, `${allowed}; beyond 2^53 as a bigint or as text`, value);
        }
        if (Number.isInteger(value) && value >= smallest && value <= largest) return `${value}`;
        break;
      case 'bigint':
        if (value >= minimum && value <= maximum) return `${value}`;
        return refuse(where, allowed, value);
      case 'string':
        if (WHOLE.test(value)) {
          const number = BigInt(value.trim().replace(/^\+/, ''));
          if (number >= minimum && number <= maximum) return `${number}`;
        }
    }
    return refuse(where, allowed, value);
  };
}

const encodeDecimal: Encoder = (value, where) => {
  // -0 keeps its sign: double precision has one.
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : `${value}`;
  if (typeof value === 'bigint') return `${value}`;
  if (typeof value === 'string' && DECIMAL.test(value)) return value.trim();
  return refuse(where, 'a number, a bigint, or a number as text', value);
};

const encodeBoolean: Encoder = (value, where) => {
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'string' && TRUTH.test(value)) return value.trim();
  return refuse(where, 'true or false', value);
};

const encodeUuid: Encoder = (value, where) => {
  if (typeof value === 'string' && UUID.test(value)) return value;
  return refuse(where, "a UUID such as '6f1d7a8e-2f0c-4b5a-9d3e-0a1b2c3d4e5f'", value);
};

const encodeTimestamp: Encoder = (value, where) => {
  if (value instanceof Date) return encodeDate(value, where);
  if (typeof value === 'string' && mayBeTime(value)) return assertSendable(value, where);
  return refuse(where, "a Date, or a time as text such as '2024-01-31T12:00:00Z'", value);
};

const encodeCalendarDay: Encoder = (value, where) => {
  if (value instanceof Date) return encodeDay(value, where);
  if (typeof value === 'string' && mayBeTime(value)) return assertSendable(value, where);
  return refuse(where, "a Date, or a day as text such as '2024-01-31'", value);
};

/** `int2vector` and `oidvector` print as numbers with spaces between. */
function spaced(element: Encoder): Encoder {
  return (value, where, modifier) => {
    if (typeof value === 'string') return assertSendable(value, where);
    if (!Array.isArray(value)) return refuse(where, 'an array of whole numbers', value);
    return value.map((item: unknown) => element(item, `an element of ${where}`, modifier)).join(' ');
  };
}

const encodeSmallint = wholeNumber(-32_768n, 32_767n);
const encodeOid = wholeNumber(0n, 4_294_967_295n);

const bare = (encode: Encoder): ScalarEncoder => ({ encode, bare: true });
const quoted = (encode: Encoder): ScalarEncoder => ({ encode, bare: false });

/** Types of `pg_catalog` that accept more than text. */
export const SCALAR_ENCODERS: ReadonlyMap<string, ScalarEncoder> = new Map(
  Object.entries({
    int2: bare(encodeSmallint),
    int4: bare(wholeNumber(-2_147_483_648n, 2_147_483_647n)),
    int8: bare(wholeNumber(-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n)),
    oid: bare(encodeOid),
    float4: bare(encodeDecimal),
    float8: bare(encodeDecimal),
    numeric: bare(encodeDecimal),
    bool: bare(encodeBoolean),
    uuid: quoted(encodeUuid),
    timestamptz: quoted(encodeTimestamp),
    timestamp: quoted(encodeTimestamp),
    date: quoted(encodeCalendarDay),
    bytea: quoted((value, where) => encodeBytes(value, where)),
    json: quoted((value, where) => encodeJson(value, where)),
    jsonb: quoted((value, where) => encodeJson(value, where)),
    int2vector: quoted(spaced(encodeSmallint)),
    oidvector: quoted(spaced(encodeOid)),
  }),
);
