import { ValidationError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import { encodeArrayLiteral } from './array-literal.ts';
import { SCALAR_ENCODERS } from './encode-builtin.ts';
import { EXTENSION_ENCODERS } from './encode-extension.ts';
import { encodeLoose } from './encode-loose.ts';
import type { Encoder } from './encoder.ts';
import { baseOf, innerOf } from './leaf-type.ts';
import { isPlainObject } from './plain-object.ts';
import { refuse } from './refuse.ts';
import { assertSendable } from './sendable-text.ts';
import type { TypeInfo } from './type-info.ts';

const encoders = new WeakMap<TypeInfo, Encoder>();

/**
 * Writes a JavaScript value as the text that Postgres reads for `type`; null stays null.
 *
 * | type | takes |
 * |---|---|
 * | smallint, integer, bigint, oid | whole numbers, bigint, digits as text |
 * | real, double precision, numeric | numbers with NaN and infinities, bigint, text |
 * | boolean | booleans, text that Postgres reads as a boolean |
 * | timestamps, date | `Date`, text |
 * | bytea | `Uint8Array`, `ArrayBuffer`, text such as `\x00ff` |
 * | json, jsonb | JSON values, `Date` and objects with `toJSON`; text is a JSON string, null is SQL null, `json(null)` JSON null |
 * | arrays | arrays, nested too; text of an array literal. Arrays of json: one dimension, the elements are JSON |
 * | composites | objects with any of the attributes, null for the others; text of a record literal |
 * | enums | their labels |
 * | vector, halfvec | arrays of numbers, typed arrays, text |
 * | hstore | objects of text or null, text |
 * | text, ranges and all others | text |
 *
 * Throws ValidationError, which names `where` and what is allowed, never the value.
 *
 * @param where the place of the value for messages, such as `column "title" of "trips"`
 * @param modifier `atttypmod` of the column: the number of dimensions of a vector. -1: none
 *
 * @example
 * ```ts
 * encodeValue(textArray, ['a', 'b "c"', null], 'column "tags"'); // '{"a","b \"c\"",NULL}'
 * ```
 */
export function encodeValue(type: TypeInfo, value: unknown, where: string, modifier = -1): string | null {
  return value === null ? null : encoderFor(type)(value, where, modifier);
}

/** The encoder of a type: created once, and kept as long as the type. */
export function encoderFor(type: TypeInfo): Encoder {
  let encoder = encoders.get(type);
  if (encoder === undefined) {
    encoder = makeEncoder(type);
    encoders.set(type, encoder);
  }
  return encoder;
}

function makeEncoder(type: TypeInfo): Encoder {
  const inner = innerOf(type);
  switch (type.kind) {
    case 'domain':
      return inner === undefined ? encodeText : encoderFor(inner);
    case 'array':
      return inner === undefined ? encodeText : arrayEncoder(inner);
    case 'enum':
      return enumEncoder(type);
    case 'composite':
      return compositeEncoder(type);
    case 'pseudo':
      return encodeAny;
    case 'range':
    case 'multirange':
      return encodeText;
    case 'base':
      if (type.schema === 'pg_catalog') return SCALAR_ENCODERS.get(type.name)?.encode ?? encodeText;
      return EXTENSION_ENCODERS.get(type.name) ?? encodePrimitive;
  }
}

const encodeText: Encoder = (value, where) =>
  typeof value === 'string' ? assertSendable(value, where) : refuse(where, 'text', value);

/** A type of an extension: only known to have a text form. */
const encodePrimitive: Encoder = (value, where) => {
  if (typeof value === 'string') return assertSendable(value, where);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return `${value}`;
  return refuse(where, 'text, a number or a boolean', value);
};

/** Types such as `anyelement`: the server decides the type. */
const encodeAny: Encoder = (value, where) => encodeLoose(value, where) ?? refuse(where, 'a value', value);

/** Of a value that is no label of its enum, as the catalog has it. */
export const UNKNOWN_LABEL = 'UNKNOWN_LABEL';

function enumEncoder(type: TypeInfo): Encoder {
  const labels = new Set(own(type, 'labels'));
  const allowed = `one of ${[...labels].map((label) => `'${label}'`).join(', ')}`;
  return (value, where) => {
    if (typeof value !== 'string') return refuse(where, allowed, value);
    if (labels.has(value)) return value;
    throw new ValidationError(`${where} must be ${allowed}. It was other text.`, { code: UNKNOWN_LABEL });
  };
}

function arrayEncoder(element: TypeInfo): Encoder {
  const base = baseOf(element);
  const encode = encoderFor(element);
  const elementIsArray =
    base.kind === 'array' ||
    ARRAY_VALUED.has(base.name) ||
    (base.kind === 'pseudo' && base.name !== 'record');
  const bare = base.schema === 'pg_catalog' && SCALAR_ENCODERS.get(base.name)?.bare === true;
  return (values, where, modifier) => {
    if (typeof values === 'string' && /^\s*[{[]/.test(values)) return assertSendable(values, where);
    if (!Array.isArray(values)) return refuse(where, "an array, or text such as '{a,b}'", values);
    const encodeElement = (value: unknown, place: string, index: number) =>
      value === null
        ? null
        : encode(value, elementIsArray ? `element ${index + 1} of ${where}` : place, modifier);
    return encodeArrayLiteral(
      values,
      { delimiter: element.delimiter, bare, elementIsArray, encodeElement },
      `an element of ${where}`,
    );
  };
}

/** Types whose JavaScript value may itself be an array. */
const ARRAY_VALUED: ReadonlySet<string> = new Set([
  'json',
  'jsonb',
  'vector',
  'halfvec',
  'int2vector',
  'oidvector',
]);

function compositeEncoder(type: TypeInfo): Encoder {
  const attributes = own(type, 'attributes') ?? [];
  const names = new Set(attributes.map((attribute) => attribute.name));
  const allowed = `an object with any of the attributes ${[...names].join(', ')}, or text such as '(1,a)'`;
  return (value, where) => {
    if (typeof value === 'string' && /^\s*\(/.test(value)) return assertSendable(value, where);
    if (!isPlainObject(value)) return refuse(where, allowed, value);
    for (const name of Object.keys(value)) {
      if (!names.has(name)) {
        throw new ValidationError(`${where} must be ${allowed}. "${name}" is not one of the attributes.`);
      }
    }
    const fields = attributes.map((attribute) => {
      const field = Object.hasOwn(value, attribute.name) ? value[attribute.name] : null;
      const text = encodeValue(attribute.type, field, `attribute "${attribute.name}" of ${where}`);
      return text === null ? '' : `"${text.replace(/["\\]/g, '$&$&')}"`;
    });
    return `(${fields.join(',')})`;
  };
}
