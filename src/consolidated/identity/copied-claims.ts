import { ValidationError } from '../../contract/errors.ts';
import type { Claims } from '../../contract/identity.ts';
import { setOwn } from '../../contract/own-property.ts';
import { JsonFault } from '../values/json-fault.ts';

const isOwn = Object.prototype.hasOwnProperty;

const MAX_DEPTH = 32;
/** More do not fit into the bytes that claims may take. */
const MAX_VALUES = 10_000;

/**
 * A deep and frozen copy of claims as JSON has them: what the caller does to its own object afterwards has no effect. Each value is
 * read once, and only own ones are: neither a getter, a `toJSON` nor a prototype plays a part.
 *
 * @throws ValidationError `INVALID_CLAIMS` for anything that is not JSON: a getter, a circle, a bigint, a function,
 * undefined in an array, NaN, a Date or another object of a class. It names the path; the value is in no part of it
 */
export function copiedClaims(claims: unknown): Claims {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    throw invalidClaims('this is none');
  }
  try {
    return copiedObject(claims, 1, { values: 0 });
  } catch (error) {
    if (error instanceof ValidationError) throw error;
    if (error instanceof JsonFault) {
      const path = error.pathFrom('');
      throw invalidClaims(path === '' ? `this is ${error.what}` : `at ${path} it holds ${error.what}`);
    }
    // A proxy that throws.
    throw invalidClaims('it cannot be read');
  }
}

function invalidClaims(reason: string): ValidationError {
  return new ValidationError(
    `The claims of user() must be an object of JSON values, such as user({ sub: '…' }): ${reason}.`,
    { code: 'INVALID_CLAIMS' },
  );
}

/** Counts the values of all levels together. */
interface Budget {
  values: number;
}

function copiedObject(source: object, depth: number, budget: Budget): Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(source);
  if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new JsonFault('an object that is not a plain one');
  }
  spend(budget, 0, depth);
  for (const key in source) refuseGetter(source, key);
  // Each value is read once, here: what follows looks at the copy.
  const copy: Record<string, unknown> = { ...source };
  let key = '';
  try {
    // V8 reads the values of such a loop by their place in the object: half the time of one over the keys.
    for (key in copy) {
      if (!isOwn.call(copy, key)) continue;
      spend(budget, 1, depth);
      const value = copy[key];
      if (typeof value === 'string') continue;
      const own = copiedValue(value, depth, budget);
      if (own !== value) setOwn(copy, key, own);
    }
  } catch (error) {
    throw error instanceof JsonFault ? error.within(key) : error;
  }
  return Object.freeze(copy);
}

function copiedArray(source: readonly unknown[], depth: number, budget: Budget): readonly unknown[] {
  spend(budget, source.length, depth);
  const copy: unknown[] = [];
  try {
    for (const value of source) {
      if (value === undefined) throw JsonFault.of(value);
      copy.push(copiedValue(value, depth, budget));
    }
  } catch (error) {
    throw error instanceof JsonFault ? error.within(copy.length) : error;
  }
  return Object.freeze(copy);
}

function copiedValue(value: unknown, depth: number, budget: Budget): unknown {
  switch (typeof value) {
    case 'undefined':
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw JsonFault.of(value);
      return value;
    case 'object':
      if (value === null) return null;
      return Array.isArray(value)
        ? copiedArray(value, depth + 1, budget)
        : copiedObject(value, depth + 1, budget);
    default:
      throw JsonFault.of(value);
  }
}

function spend(budget: Budget, values: number, depth: number): void {
  if (depth > MAX_DEPTH) throw invalidClaims(`it has more than ${MAX_DEPTH} levels, or leads back to itself`);
  budget.values += values;
  if (budget.values > MAX_VALUES) throw invalidClaims(`it holds more than ${MAX_VALUES} values`);
}

function refuseGetter(source: object, key: string): void {
  if (Object.getOwnPropertyDescriptor(source, key)?.get !== undefined) {
    throw new JsonFault('a getter').within(key);
  }
}
