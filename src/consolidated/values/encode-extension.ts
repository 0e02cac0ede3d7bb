import { encodeVector } from './encode-vector.ts';
import type { Encoder } from './encoder.ts';
import { encodeHstore } from './hstore.ts';
import { refuse } from './refuse.ts';

const encodeDense: Encoder = (value, where, modifier) => {
  if (Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array) {
    return encodeVector(value as ArrayLike<number>, modifier, where);
  }
  if (typeof value === 'string') return encodeVector(value, modifier, where);
  return refuse(where, "an array of numbers, or text such as '[1,2,3]'", value);
};

/** Types of well-known extensions that accept more than text, in any schema. */
export const EXTENSION_ENCODERS: ReadonlyMap<string, Encoder> = new Map(
  Object.entries({
    vector: encodeDense,
    halfvec: encodeDense,
    hstore: encodeHstore,
  }),
);
