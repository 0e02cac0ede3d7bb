import { ConnectionError, DatabaseError } from '../../contract/errors.ts';

const errors = new WeakSet<object>();

/** The reason why a connection could not be opened, marked: whoever gets it has sent nothing. */
export function notOpened(cause: unknown): DatabaseError {
  const error =
    cause instanceof DatabaseError ? cause : new ConnectionError('Could not open a connection.', { cause });
  errors.add(error);
  return error;
}

/** True where a call failed because no connection could be opened for it, so that it may go another way. */
export function wasNotOpened(error: unknown): boolean {
  return typeof error === 'object' && error !== null && errors.has(error);
}
