import { DatabaseError } from '../../contract/errors.ts';

/** Codes of a UsageError for a name that is not in the catalog. */
const MISSING = new Set(['UNKNOWN_RELATION', 'UNKNOWN_COLUMN', 'UNKNOWN_FUNCTION']);

/** Names that a compiled statement took from the catalog, and that do not exist in the database any more. */
const GONE = new Set(['42703', '42P01', '42883', '42704', '42P10']);

/** The database has changed since a statement was compiled, and refused it. */
export function isOutdated(error: unknown): error is DatabaseError {
  return (
    error instanceof DatabaseError &&
    error.outcome === 'not-applied' &&
    error.code === 'INVALID_STATEMENT' &&
    GONE.has(error.sqlState ?? '')
  );
}

/** A statement was not compiled because of a missing name, which may be new in the database. */
export function isMissing(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && MISSING.has(error.code)
  );
}
