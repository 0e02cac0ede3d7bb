import { DatabaseError } from '../../contract/errors.ts';

/** Names what the catalog lacks, in a ValidationError's code. */
const MISSING = new Set(['UNKNOWN_RELATION', 'UNKNOWN_COLUMN', 'UNKNOWN_FUNCTION']);

/** Names that a compiled statement took from the catalog, and that the database does not know any more. */
const GONE = new Set(['42703', '42P01', '42883', '42704', '42P10']);

/** The database has changed beneath a compiled statement, which it refused. */
export function isOutdated(error: unknown): error is DatabaseError {
  return (
    error instanceof DatabaseError &&
    error.outcome === 'not-applied' &&
    error.code === 'INVALID_STATEMENT' &&
    GONE.has(error.sqlState ?? '')
  );
}

/** A statement was not compiled for want of a name that may be new in the database. */
export function isMissing(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && MISSING.has(error.code)
  );
}
