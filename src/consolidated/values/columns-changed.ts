import { DatabaseError, ServiceError } from '../../contract/errors.ts';

const COLUMNS_CHANGED = 'COLUMNS_CHANGED';

/**
 * A value is not of the type that the catalog names: the column, the function or the type was changed since the
 * catalog was read. Whoever reads the reply reads the catalog anew. The value is in no part of it.
 *
 * @param column left out by a codec, which does not know it; the row decoder names it
 */
export function columnsChanged(column?: string): ServiceError {
  const subject = column === undefined ? 'A value' : `A value of column "${column}"`;
  return new ServiceError(`${subject} does not have the type that the catalog names.`, {
    code: COLUMNS_CHANGED,
    hint: 'The schema was changed while the call ran. Read the row again.',
    ...(column !== undefined && { field: column }),
  });
}

/** True for the error of `columnsChanged`, unless a write was applied before it. */
export function haveColumnsChanged(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.code === COLUMNS_CHANGED && error.outcome === 'not-applied';
}
