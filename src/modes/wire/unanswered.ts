import type { DatabaseError } from '../../contract/errors.ts';

const errors = new WeakSet<object>();

/** Marks the error of a call whose time passed while the other end was silent: not even its cancel was answered in time. */
export function unanswered<Failure extends DatabaseError>(error: Failure): Failure {
  errors.add(error);
  return error;
}

/** True where nobody answered, and false where a statement was slow: then the server ended it. */
export function wasUnanswered(error: unknown): boolean {
  return typeof error === 'object' && error !== null && errors.has(error);
}
