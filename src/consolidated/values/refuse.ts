import { UsageError, ValidationError } from '../../contract/errors.ts';
import { JsonText } from './json-text.ts';

/**
 * Throws with what is allowed and the kind of the given value, never the value: ValidationError, or UsageError for what no
 * request contains, such as a promise that nobody awaited.
 */
export function refuse(where: string, allowed: string, value: unknown): never {
  const Fault = madeByCode(value) ? UsageError : ValidationError;
  throw new Fault(`${where} must be ${allowed}. It was ${kindOf(value)}.`);
}

function madeByCode(value: unknown): boolean {
  if (typeof value !== 'object') return typeof value === 'function' || typeof value === 'symbol';
  return (
    value instanceof Promise ||
    value instanceof Map ||
    value instanceof Set ||
    JsonText.read(value) !== undefined
  );
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'NaN';
    if (!Number.isFinite(value)) return 'an infinity';
    return Number.isInteger(value) ? 'another number' : 'a fraction';
  }
  if (typeof value === 'string') return 'other text';
  if (value instanceof Date) return 'a Date';
  if (value instanceof Uint8Array) return 'bytes';
  if (JsonText.read(value) !== undefined) return 'json(…)';
  if (value instanceof Promise) return 'a Promise: await it first';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
