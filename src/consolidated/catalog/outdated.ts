import { DatabaseError } from '../../contract/errors.ts';
import { UNKNOWN_LABEL } from '../values/encode.ts';
import { WRONG_DIMENSIONS } from '../values/encode-vector.ts';

/** Codes of a UsageError for a name that is not in the catalog. */
const MISSING = new Set(['UNKNOWN_RELATION', 'UNKNOWN_COLUMN', 'UNKNOWN_FUNCTION']);

/** What a compiled statement took from the catalog does not exist in the database any more, or has another type. */
const GONE = new Set(['42703', '42P01', '42883', '42704', '42P10', '42804', '42846', '42809']);

/** The database has changed since a statement was compiled, and refused it. */
export function isOutdated(error: unknown): error is DatabaseError {
  return (
    error instanceof DatabaseError &&
    error.outcome === 'not-applied' &&
    error.code === 'INVALID_STATEMENT' &&
    GONE.has(error.sqlState ?? '')
  );
}

/**
 * A value was refused because the catalog names no such label of its enum, or another number of dimensions of its vector: the
 * database may have changed since.
 */
export function isRefusedByCatalog(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === UNKNOWN_LABEL || error.code === WRONG_DIMENSIONS);
}

/** A statement was not compiled because of a missing name, which may be new in the database. */
export function isMissing(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && MISSING.has(error.code)
  );
}
