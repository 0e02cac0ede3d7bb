import { ValidationError } from '../../contract/errors.ts';
import type { Claims } from '../../contract/identity.ts';

const MAX_DEPTH = 32;
/** More do not fit into the bytes that claims may take. */
const MAX_VALUES = 10_000;

/**
 * A deep copy of claims as JSON has them, frozen: what the caller does to its own object afterwards has no effect. Each
 * property is looked at once, and only own ones are: neither a getter, a `toJSON` nor a prototype plays a part.
 *
 * @throws ValidationError `INVALID_CLAIMS` for anything that is not JSON: a getter, a circle, a bigint, a function,
 * NaN, a Date or another object of a class. The value is in no part of it
 */
export function copiedClaims(claims: unknown): Claims {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    throw invalidClaims('this is none');
  }
  try {
    const copier = new Copier();
    return copier.object(claims, 1) as Claims;
  } catch (error) {
    if (error instanceof ValidationError) throw error;
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

class Copier {
  #values = 0;

  object(source: object, depth: number): object {
    if (depth > MAX_DEPTH)
      throw invalidClaims(`it has more than ${MAX_DEPTH} levels, or leads back to itself`);
    const prototype: unknown = Object.getPrototypeOf(source);
    const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
    if (!isPlain) throw invalidClaims('it holds an object that is not a plain one');
    const copy = Object.create(null) as Record<string, unknown>;
    for (const key of Object.keys(source)) {
      const value = this.#property(source, key, depth);
      if (value !== undefined) copy[key] = value;
    }
    return Object.freeze(copy);
  }

  #array(source: readonly unknown[], depth: number): readonly unknown[] {
    if (depth > MAX_DEPTH)
      throw invalidClaims(`it has more than ${MAX_DEPTH} levels, or leads back to itself`);
    const copy: unknown[] = [];
    for (let index = 0; index < source.length; index++) {
      copy.push(this.#property(source, String(index), depth) ?? null);
    }
    return Object.freeze(copy);
  }

  #property(source: object, key: string, depth: number): unknown {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw invalidClaims(`it holds more than ${MAX_VALUES} values`);
    const property = Object.getOwnPropertyDescriptor(source, key);
    if (property === undefined) return undefined;
    if (!('value' in property)) throw invalidClaims('it holds a getter');
    const value: unknown = property.value;
    switch (typeof value) {
      case 'undefined':
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        if (!Number.isFinite(value)) throw invalidClaims('it holds a number that is not finite');
        return value;
      case 'object':
        if (value === null) return null;
        return Array.isArray(value) ? this.#array(value, depth + 1) : this.object(value, depth + 1);
      default:
        throw invalidClaims(`it holds a ${typeof value}`);
    }
  }
}
