import { UsageError, ValidationError } from '../../contract/errors.ts';
import { isMadeByCode } from '../../contract/made-by-code.ts';
import { JsonText } from './json-text.ts';

/** Throws the `faultOf` the value, with what is allowed and its kind, never the value. */
export function refuse(where: string, allowed: string, value: unknown): never {
  throw new (faultOf(value))(`${where} must be ${allowed}. It was ${kindOf(value)}.`);
}

/**
 * The class of the error for a value that does not fit its place: ValidationError, or UsageError for what no request contains,
 * such as undefined, or a promise that nobody awaited.
 */
export function faultOf(value: unknown): typeof UsageError | typeof ValidationError {
  return isMadeByCode(value) || JsonText.read(value) !== undefined ? UsageError : ValidationError;
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
