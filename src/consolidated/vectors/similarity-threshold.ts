import { ValidationError } from '../../contract/errors.ts';
import type { Binding } from '../compile/binding.ts';

/** The parameter of the option `similarityThreshold` with its cast; '' where it is left out. */
export function boundThreshold(threshold: unknown, binding: Binding): string {
  if (threshold === undefined) return '';
  if (typeof threshold !== 'number' || !Number.isFinite(threshold)) {
    throw new ValidationError("The option 'similarityThreshold' must be a finite number.");
  }
  return `${binding.add(String(threshold))}::float8`;
}
