import { UsageError, ValidationError } from '../../contract/errors.ts';
import { setOwn } from '../../contract/own-property.ts';
import { JsonFault } from './json-fault.ts';
import { JsonText } from './json-text.ts';
import { isPlainObject } from './plain-object.ts';

/** Postgres reads a few thousand; more are a mistake, or a value that leads back to itself. */
const MAX_LEVELS = 1_000;

/**
 * Writes a value as JSON, as `JSON.stringify` does, but loses nothing silently: what that would leave out of a list, or
 * turn into null or `{}`, is refused.
 *
 * Strings, finite numbers, booleans, null, plain objects and arrays are themselves; `Date` and other objects with
 * `toJSON` are what that returns; a property that is undefined is left out; `json(…)` as the whole value is its text.
 *
 * Throws with the path of the first fault and never a value. ValidationError: for NaN, infinities, an invalid Date,
 * undefined in an array, what is nested too deep, and for U+0000 and lone surrogates, which jsonb refuses. UsageError for
 * what no request contains: functions, symbols, bigints, `json(…)` inside a value, objects of classes without `toJSON`
 * (Map, Set, Promise, …) and what contains itself.
 *
 * @example
 * ```ts
 * encodeJson({ tags: ['a', Number.NaN] }, 'column "meta" of "trips"');
 * // column "meta" of "trips" must be a value that JSON can represent. At meta.tags[1] it has NaN.
 * ```
 */
export function encodeJson(value: unknown, where: string): string {
  const text = JsonText.read(value);
  if (text !== undefined) return text;
  try {
    const checked = asJson(value, []);
    return JSON.stringify('toJSON' in Object.prototype ? shielded(checked) : checked);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const path = error.pathFrom('');
    const place = path === '' ? 'It is' : `At ${error.pathFrom(nameOf(where))} it has`;
    const Fault = error.isMadeByCode ? UsageError : ValidationError;
    throw new Fault(`${where} must be a value that JSON can represent. ${place} ${error.what}.`);
  }
}

/** `meta` for `column "meta" of "trips"` and the like, so that the path begins where the reader knows it. */
function nameOf(where: string): string {
  return /^(?:column|argument|attribute) "([^"]+)"/.exec(where)?.[1] ?? '';
}

/**
 * The value as `JSON.stringify` may write it: objects and arrays are copies, so that each property is read once.
 *
 * @param above the arrays and objects that contain it
 */
function asJson(value: unknown, above: object[]): unknown {
  switch (typeof value) {
    case 'string':
      assertStorable(value);
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      break;
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return value;
      return nested(value, above);
  }
  throw JsonFault.of(value);
}

function nested(value: object, above: object[]): unknown {
  if (above.includes(value)) throw new JsonFault('an object that contains itself', true);
  if (above.length === MAX_LEVELS) throw new JsonFault(`more than ${MAX_LEVELS} levels`);
  above.push(value);
  const own = ownJson(value);
  const json =
    own !== value ? asJson(own, above) : Array.isArray(value) ? list(value, above) : object(value, above);
  above.pop();
  return json;
}

/** What `toJSON` returns; the value itself if it has none, or only one that somebody gave to all objects. */
function ownJson(value: object): unknown {
  let own: unknown = value;
  try {
    const { toJSON } = value as { readonly toJSON?: unknown };
    if (typeof toJSON === 'function' && toJSON !== Reflect.get(Object.prototype, 'toJSON')) {
      own = toJSON.call(value);
    }
  } catch {
    // Without the cause: its message may contain data of the caller.
    throw new JsonFault('an object whose toJSON failed', true);
  }
  if (own === null && value instanceof Date) throw new JsonFault('an invalid Date');
  if (own === value && !Array.isArray(value) && !isPlainObject(value)) {
    throw JsonText.read(value) === undefined
      ? JsonFault.of(value)
      : new JsonFault('json(…): give its value there', true);
  }
  return own;
}

function list(items: readonly unknown[], above: object[]): readonly unknown[] {
  const copy = readOnce(items, allItems);
  let index = 0;
  try {
    for (; index < copy.length; index++) {
      const item = copy[index];
      const json = asJson(item, above);
      if (json !== item) copy[index] = json;
    }
  } catch (error) {
    throw error instanceof JsonFault ? error.within(index) : error;
  }
  return copy;
}

function object(value: object, above: object[]): object {
  const copy = readOnce(value, allProperties);
  let name = '';
  try {
    for (name of Object.keys(copy)) {
      assertStorable(name);
      const item = copy[name];
      if (item === undefined) continue;
      const json = asJson(item, above);
      if (json !== item) setOwn(copy, name, json);
    }
  } catch (error) {
    throw error instanceof JsonFault ? error.within(name) : error;
  }
  return copy;
}

const allItems = (items: readonly unknown[]): unknown[] => items.slice();
const allProperties = (value: object): Record<string, unknown> => ({ ...value });

/** What is checked is what is written: a getter, or a proxy, might answer otherwise the second time. */
function readOnce<Value extends object, Copy>(value: Value, all: (value: Value) => Copy): Copy {
  try {
    return all(value);
  } catch {
    throw failedGetter(value);
  }
}

function failedGetter(value: object): JsonFault {
  const fault = new JsonFault('a getter that failed', true);
  for (const name of Object.keys(value)) {
    try {
      Reflect.get(value, name);
    } catch {
      return fault.within(Array.isArray(value) ? Number(name) : name);
    }
  }
  return fault;
}

function assertStorable(text: string): void {
  if (text.includes('\0')) throw new JsonFault('text with the character U+0000');
  if (!text.isWellFormed()) throw new JsonFault('text with a lone surrogate');
}

/** The same without the prototype of all objects, for what somebody added to it. */
function shielded(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return Object.defineProperty(json.map(shielded), 'toJSON', { value: undefined });
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [name, item] of Object.entries(json)) copy[name] = shielded(item);
  return copy;
}
