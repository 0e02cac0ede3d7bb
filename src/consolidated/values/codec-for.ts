import { own, setOwn } from '../../contract/own-property.ts';
import { builtinCodec } from './builtin-codecs.ts';
import { type Codec, castCodec, type DecodeOptions, identity, textCodec, valueCodec } from './codec.ts';
import { columnsChanged } from './columns-changed.ts';
import { parseHstore } from './hstore.ts';
import { innerOf, leafOf } from './leaf-type.ts';
import { parseArray } from './parse-array.ts';
import { parseRecord } from './parse-record.ts';
import { sureOfType } from './sure-of-type.ts';
import type { TypeInfo } from './type-info.ts';

const kept: Readonly<Record<DecodeOptions['largeNumbers'], WeakMap<TypeInfo, Codec>>> = {
  throw: new WeakMap(),
  string: new WeakMap(),
};

/**
 * The codec of a type: created once, and kept as long as the type.
 *
 * Its values are the same as in PostgREST's JSON, whether they arrive as text or in a JSON document.
 *
 * @example
 * ```ts
 * codecFor(int8, { largeNumbers: 'throw' }).fromText('42'); // 42
 * ```
 */
export function codecFor(type: TypeInfo, options: DecodeOptions): Codec {
  const codecs = kept[options.largeNumbers];
  let codec = codecs.get(type);
  if (codec === undefined) {
    codec = sureOfType(type, makeCodec(type, options), options);
    codecs.set(type, codec);
  }
  return codec;
}

function makeCodec(type: TypeInfo, options: DecodeOptions): Codec {
  const inner = innerOf(type);
  switch (type.kind) {
    case 'domain':
      return inner === undefined ? textCodec : makeCodec(inner, options);
    case 'array':
      return inner === undefined ? textCodec : arrayCodec(inner, options);
    case 'composite':
      return compositeCodec(type, options);
    case 'enum':
      return textCodec;
    case 'range':
    case 'multirange':
      return type.schema === 'pg_catalog' ? builtinCodec(type.name, options) : textCodec;
    case 'pseudo':
      return type.name === 'void' ? voidCodec : castTextCodec;
    case 'base':
      return type.schema === 'pg_catalog' ? builtinCodec(type.name, options) : extensionCodec(type.name);
  }
}

/**
 * An extension may bring a cast to json, which JSON functions then use in place of the text (PostGIS
 * does). The text form is available in every mode, so it is used. The attributes of anonymous records
 * are unknown, so these are text too.
 */
const castTextCodec = castCodec(identity);

const EXTENSION_CODECS: ReadonlyMap<string, Codec> = new Map([
  ['citext', textCodec],
  ['vector', textCodec],
  ['halfvec', textCodec],
  ['sparsevec', textCodec],
  // Its cast to json gives an object of texts and nulls.
  ['hstore', valueCodec(parseHstore, (json) => looked(json, isObject))],
]);

function extensionCodec(name: string): Codec {
  return EXTENSION_CODECS.get(name) ?? castTextCodec;
}

/** The result of a void function: empty text, which becomes null. */
const voidCodec: Codec = { ...valueCodec(() => null), fromJson: () => null };

/** An array within an array of these is no further dimension of it. */
const MAY_BE_ARRAYS: ReadonlySet<string> = new Set(['json', 'jsonb', 'int2vector', 'oidvector']);

function arrayCodec(element: TypeInfo, options: DecodeOptions): Codec {
  const { fromText, inJson } = codecFor(element, options);
  const parse = (text: string) => parseArray(text, element.delimiter, fromText);
  if (inJson === 'text') return castCodec(parse);
  const leaf = leafOf(element);
  const fromJson = MAY_BE_ARRAYS.has(leaf.name) ? identity : codecFor(leaf, options).fromJson;
  const look = (json: unknown): unknown => {
    if (!Array.isArray(json)) throw columnsChanged();
    if (fromJson !== identity) {
      for (const item of json) {
        if (Array.isArray(item)) look(item);
        else if (item !== null) fromJson(item);
      }
    }
    return json;
  };
  return valueCodec(parse, look);
}

function compositeCodec(type: TypeInfo, options: DecodeOptions): Codec {
  const attributes = (own(type, 'attributes') ?? []).map(({ name, type: attribute }) => ({
    name,
    codec: codecFor(attribute, options),
  }));
  const parse = (text: string): Record<string, unknown> => {
    const fields = attributes.length === 0 ? [] : parseRecord(text);
    if (fields.length !== attributes.length) throw columnsChanged();
    const object: Record<string, unknown> = {};
    for (const [index, { name, codec }] of attributes.entries()) {
      const field = fields[index] ?? null;
      setOwn(object, name, field === null ? null : codec.fromText(field));
    }
    return object;
  };
  if (attributes.some(({ codec }) => codec.inJson === 'text')) return castCodec(parse);
  const look = (json: unknown): unknown => {
    const object = looked(json, isObject);
    if (Object.keys(object).length !== attributes.length) throw columnsChanged();
    for (const { name, codec } of attributes) {
      const value = own(object, name);
      if (value === undefined) throw columnsChanged();
      if (value !== null) codec.fromJson(value);
    }
    return json;
  };
  return valueCodec(parse, look);
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function looked<T>(json: unknown, fits: (json: unknown) => json is T): T {
  if (!fits(json)) throw columnsChanged();
  return json;
}
