import { type DatabaseErrorDetails, UsageError } from '../../contract/errors.ts';
import { boundParameter } from './blamed-value.ts';
import type { ServerMessage } from './messages.ts';

/**
 * A bound value that names no text search configuration of the database; undefined for all other objects that do not exist, for
 * the text of raw SQL, and where a function was running, whose names are its own.
 */
export function unknownLanguage(
  { message = '', position, where }: ServerMessage,
  details: DatabaseErrorDetails,
): UsageError | undefined {
  if (!UNKNOWN.test(message) || position !== undefined) return undefined;
  if (where !== undefined && boundParameter(where) === undefined) return undefined;
  return new UsageError('The database has no text search configuration of the name that was given.', {
    ...details,
    code: 'UNKNOWN_LANGUAGE',
    hint: "'select cfgnamespace::regnamespace, cfgname from pg_ts_config' lists those that it has.",
  });
}

const UNKNOWN = /^text search configuration ".*" does not exist$/s;
