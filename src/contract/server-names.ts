import type { DatabaseError } from './errors.ts';

/** Which names are left out of an error: those of a column and of constraints, or those of the relation and the function too. */
export type HiddenNames = 'column' | 'all';

/**
 * Names of the database in an error of the server. It may speak of what the caller's role has no right on: a table that a
 * trigger, a view or a policy uses.
 */
export interface ServerNames {
  /** Undefined where the server did not say it. */
  readonly schema: string | undefined;
  readonly relation: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;
  readonly function: string | undefined;
  /** Why it was refused, where that is a right that is missing (42501). */
  readonly refusedBy: 'grant' | 'policy' | undefined;
  /** The same error with fewer names. */
  without(hidden: HiddenNames): DatabaseError;
}

const named = new WeakMap<DatabaseError, ServerNames>();

export function noteNames(error: DatabaseError, names: ServerNames): void {
  named.set(error, names);
}

/** Undefined for errors that are not the server's, and for what a function raised itself. */
export function namesOf(error: DatabaseError): ServerNames | undefined {
  return named.get(error);
}
