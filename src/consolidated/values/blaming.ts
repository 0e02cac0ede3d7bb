import { detailsOf, ValidationError } from '../../contract/errors.ts';
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
  if (!(error instanceof ValidationError) || error.field !== undefined) return error;
  return new ValidationError(error.message, { ...detailsOf(error), field });
}
