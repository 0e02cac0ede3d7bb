import { ValidationError } from '../../contract/errors.ts';

/** Throws ValidationError with what is allowed and the kind of the given value, never the value. */
export function refuse(where: string, allowed: string, value: unknown): never {
  throw new ValidationError(`${where} must be ${allowed}. It was ${kindOf(value)}.`);
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
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
