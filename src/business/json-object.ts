import * as z from 'zod';
import { isPlainObject } from '../consolidated/values/plain-object.ts';

const MAX_DEPTH = 16;
/** Keys and elements in all. */
const MAX_NODES = 2_000;
const MAX_BYTES = 16 * 1024;

/** A JSON object, as `supabase gen types` names one. */
export type JsonObject = { [key: string]: Json | undefined };

export type Json = string | number | boolean | null | JsonObject | Json[];

/** A field for a JSON object of bounded size. */
export function jsonObject(maxBytes = MAX_BYTES): z.ZodType<JsonObject, JsonObject> {
  const rule = `must be an object of JSON values, at most ${MAX_DEPTH} deep, of ${MAX_NODES} values and ${maxBytes} bytes`;
  return z.custom<JsonObject>((value) => isPlainObject(value) && isBounded(value, maxBytes), rule);
}

/** Level by level, because a recursion ends at the stack's end: JSON of a request may be 100,000 deep. */
function isBounded(value: object, maxBytes: number): boolean {
  let level: readonly unknown[] = [value];
  let nodes = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return false;
    const next: unknown[] = [];
    for (const one of level) {
      if (!isJson(one)) return false;
      const parts = partsOf(one);
      nodes += parts.length;
      if (nodes > MAX_NODES) return false;
      for (const part of parts) next.push(part);
    }
    level = next;
  }
  return Buffer.byteLength(JSON.stringify(value)) <= maxBytes;
}

/** A property that is `undefined` is none in JSON; an element would be null. */
function partsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).filter((part) => part !== undefined);
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'object') return value === null || Array.isArray(value) || isPlainObject(value);
  return typeof value === 'string' || typeof value === 'boolean';
}
