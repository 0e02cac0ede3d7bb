import type { DatabaseError } from '../../contract/errors.ts';

const errors = new WeakSet<object>();

/** Marks the reason why a connection could not be opened: whoever gets it has sent nothing. */
export function notOpened(error: DatabaseError): DatabaseError {
  errors.add(error);
  return error;
}

/** True where a call failed because no connection could be opened for it, so that it may go another way. */
export function wasNotOpened(error: unknown): boolean {
  return typeof error === 'object' && error !== null && errors.has(error);
}
