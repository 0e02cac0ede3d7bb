import type { DatabaseError } from './errors.ts';

/**
 * What the server said of a value that it refused, so that its column can be found. It may hold the value, and is no part of the
 * error.
 */
export interface RefusedValue {
  readonly sqlState: string;
  /** What is wrong with it, without the value. */
  readonly said: string;
  /** The place of the statement in its batch, from 0. */
  readonly statement: number;
  /** The number of the bound value, from 1, where the server read it by its type. */
  readonly parameter: number | undefined;
  /** The type as the server calls it: `date`, `character varying(3)`, `numeric(5,2)`. */
  readonly type: string | undefined;
  /** The value as the server quoted it. */
  readonly text: string | undefined;
}

const refused = new WeakMap<DatabaseError, RefusedValue>();

export function noteRefusedValue(error: DatabaseError, value: RefusedValue): void {
  refused.set(error, value);
}

/** Undefined for all errors but those of a bound value. */
export function refusedValueOf(error: DatabaseError): RefusedValue | undefined {
  return refused.get(error);
}
