import { shown } from '../consolidated/compile/did-you-mean.ts';
import { Operator } from '../consolidated/filters/operator.ts';
import { isPlainObject } from '../consolidated/values/plain-object.ts';
import { faultOf } from '../consolidated/values/refuse.ts';
import { UsageError, ValidationError } from '../contract/errors.ts';
import { isMadeByCode } from '../contract/made-by-code.ts';
import { own, setOwn } from '../contract/own-property.ts';

type KeyFilters = Readonly<Record<string, unknown>>;

/**
 * The filters for the one row with this key: a value where `key` is a name, an object with a value for each column where it is
 * a list.
 *
 * Throws for a key that is missing, null, or an operator, which could be many rows: ValidationError where a request can hold it,
 * otherwise UsageError.
 */
export function rowOfKey(key: string | readonly string[], given: unknown): KeyFilters {
  const filters: Record<string, unknown> = {};
  if (typeof key === 'string') {
    setOwn(filters, key, keyValue(given, key));
    return filters;
  }
  if (!isPlainObject(given)) {
    throw new (faultOf(given))(`The key must be an object with a value for ${key.map(shown).join(', ')}.`);
  }
  for (const name of Object.keys(given)) {
    if (!key.includes(name)) throw new ValidationError(`The key has no column ${shown(name)}.`);
  }
  for (const column of key) setOwn(filters, column, keyValue(own(given, column), column));
  return filters;
}

function keyValue(value: unknown, column: string): unknown {
  const isOperator = Operator.read(value) !== undefined;
  if (value !== null && !isOperator && !isMadeByCode(value)) return value;
  const kind = isOperator ? 'an operator' : value === null ? 'null' : `of type ${typeof value}`;
  const Fault = value === null ? ValidationError : UsageError;
  throw new Fault(`The key must have a value for ${shown(column)}. It was ${kind}.`, { field: column });
}
