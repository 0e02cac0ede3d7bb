import { encodeBytes } from '../../consolidated/values/encode-bytes.ts';
import { encodeJson } from '../../consolidated/values/encode-json.ts';
import { encodeDate } from '../../consolidated/values/encode-time.ts';
import { JsonText } from '../../consolidated/values/json-text.ts';
import { isPlainObject } from '../../consolidated/values/plain-object.ts';
import { refuse } from '../../consolidated/values/refuse.ts';
import { assertSendable } from '../../consolidated/values/sendable-text.ts';
import { UsageError, ValidationError } from '../../contract/errors.ts';
import { setOwn } from '../../contract/own-property.ts';
import { columnName } from './url-names.ts';

/** A row, or the arguments of a function, as JSON that loses nothing. What is undefined is left out. */
export function bodyObject(
  given: unknown,
  what: string,
  kind: 'column' | 'argument',
): Readonly<Record<string, unknown>> {
  if (!isPlainObject(given)) throw new UsageError(`${what} must be a plain object.`);
  const body: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    const value = given[name];
    if (value !== undefined) setOwn(body, columnName(name), bodyValue(value, `${kind} "${name}"`));
  }
  return body;
}

/**
 * A value as Postgres reads it out of JSON: where JSON has no such value, as the text of one.
 *
 * @throws ValidationError, UsageError for what JSON would change silently
 */
function bodyValue(value: unknown, where: string): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map((item: unknown) => element(item, where));
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return Array.from(value, (item) => element(item, where));
  }
  return single(value, where);
}

function element(value: unknown, where: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => element(item, where));
  if (typeof value === 'number' && !Number.isFinite(value)) {
    // In a list it may be a vector's, or JSON's, which have no such number.
    throw new ValidationError(`An element of ${where} must be a finite number, or text such as 'NaN'.`);
  }
  if (value === undefined) return refuse(`an element of ${where}`, 'a value or null', value);
  return single(value, where);
}

function single(value: unknown, where: string): unknown {
  switch (typeof value) {
    case 'string':
      return assertSendable(value, where);
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return encodeDate(value, where);
      if (value instanceof Uint8Array || value instanceof ArrayBuffer) return encodeBytes(value, where);
      return json(value, where);
  }
  return refuse(where, 'a value that JSON can carry, a Date, a bigint or bytes', value);
}

function json(value: object, where: string): unknown {
  const parsed = JSON.parse(encodeJson(value, where)) as unknown;
  if (parsed === null && JsonText.read(value) !== undefined) {
    throw new UsageError(`${where} cannot be JSON null over the Data API, which takes it for SQL null.`, {
      code: 'NOT_OVER_DATA_API',
    });
  }
  return parsed;
}
