import { ServiceError } from '../../contract/errors.ts';
import { builtinCodec } from './builtin-codecs.ts';
import { type Codec, castCodec, type DecodeOptions, identity, textCodec, valueCodec } from './codec.ts';
import { parseHstore } from './hstore.ts';
import { setOwn } from './own-property.ts';
import { parseArray } from './parse-array.ts';
import { parseRecord } from './parse-record.ts';
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
    codec = makeCodec(type, options);
    codecs.set(type, codec);
  }
  return codec;
}

function makeCodec(type: TypeInfo, options: DecodeOptions): Codec {
  switch (type.kind) {
    case 'domain':
      return type.inner === undefined ? textCodec : codecFor(type.inner, options);
    case 'array':
      return type.inner === undefined ? textCodec : arrayCodec(type.inner, options);
    case 'composite':
      return compositeCodec(type, options);
    case 'enum':
    case 'range':
    case 'multirange':
      return textCodec;
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
  ['hstore', valueCodec(parseHstore)],
]);

function extensionCodec(name: string): Codec {
  return EXTENSION_CODECS.get(name) ?? castTextCodec;
}

/** The result of a void function: empty text, which becomes null. */
const voidCodec: Codec = { ...valueCodec(() => null), fromJson: () => null };

function arrayCodec(element: TypeInfo, options: DecodeOptions): Codec {
  const { fromText, inJson } = codecFor(element, options);
  const parse = (text: string) => parseArray(text, element.delimiter, fromText);
  return inJson === 'value' ? valueCodec(parse) : castCodec(parse);
}

function compositeCodec(type: TypeInfo, options: DecodeOptions): Codec {
  const attributes = (type.attributes ?? []).map(({ name, type: attribute }) => ({
    name,
    codec: codecFor(attribute, options),
  }));
  const parse = (text: string): Record<string, unknown> => {
    const fields = attributes.length === 0 ? [] : parseRecord(text);
    if (fields.length !== attributes.length) {
      throw new ServiceError(
        `A value of type ${type.sql} has ${fields.length} attributes, but the catalog has ${attributes.length}.`,
        { hint: 'The type was changed after the catalog was read. Call refreshCatalog().' },
      );
    }
    const object: Record<string, unknown> = {};
    for (const [index, { name, codec }] of attributes.entries()) {
      const field = fields[index] ?? null;
      setOwn(object, name, field === null ? null : codec.fromText(field));
    }
    return object;
  };
  return attributes.every(({ codec }) => codec.inJson === 'value') ? valueCodec(parse) : castCodec(parse);
}
