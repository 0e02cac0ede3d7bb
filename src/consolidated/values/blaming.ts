import { detailsOf, UsageError, ValidationError } from '../../contract/errors.ts';
import type { Encoder } from './encoder.ts';

/** An encoder whose errors have the name of the column in `field`, not in their text alone. */
export function blaming(field: string, encode: Encoder): Encoder {
  return (value, where, modifier) => {
    try {
      return encode(value, where, modifier);
    } catch (error) {
      throw blamedOn(field, error);
    }
  };
}

/** The error of a value of the column or argument. */
export function blamedOn(field: string, error: unknown): unknown {
  const isOfValue = error instanceof ValidationError || error instanceof UsageError;
  if (!isOfValue || error.field !== undefined) return error;
  const Fault = error instanceof UsageError ? UsageError : ValidationError;
  return new Fault(error.message, { ...detailsOf(error), field });
}
