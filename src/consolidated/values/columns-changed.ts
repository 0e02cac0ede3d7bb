import { DatabaseError, ServiceError } from '../../contract/errors.ts';

const COLUMNS_CHANGED = 'COLUMNS_CHANGED';
const KEY_CHANGED = 'KEY_CHANGED';
export const FORMAT_CHANGED = 'FORMAT_CHANGED';

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
    hint: `The schema was changed while the call ran: read the row again. Or ${SETTINGS_CHANGED}`,
    ...(column !== undefined && { field: column }),
  });
}

const SETTINGS_CHANGED =
  'a function, a trigger or a policy has changed DateStyle, IntervalStyle or bytea_output in the same batch: let it set them for itself only, by a SET clause of the function.';

/**
 * A value is of its type, but not printed as the settings of the batch say.
 *
 * @param column left out by a codec, which does not know it; the row decoder names it
 */
export function formatChanged(column?: string): ServiceError {
  const subject = column === undefined ? 'A value' : `A value of column "${column}"`;
  return new ServiceError(`${subject} is printed in another format than that of the service.`, {
    code: FORMAT_CHANGED,
    hint: `Probably ${SETTINGS_CHANGED}`,
    ...(column !== undefined && { field: column }),
  });
}

/**
 * More than one row came where the catalog names a unique key, so that the statement was sent without its limit and its
 * order: the constraint was dropped since.
 */
export function keyChanged(): ServiceError {
  return new ServiceError('Several rows match a key that the catalog names as unique.', {
    code: KEY_CHANGED,
    hint: 'The schema was changed while the call ran. Read the rows again.',
  });
}

/** True where a reply does not fit the catalog, unless a write was applied before it. */
export function isUnfitting(error: unknown): error is DatabaseError {
  return (
    error instanceof DatabaseError &&
    (error.code === COLUMNS_CHANGED || error.code === KEY_CHANGED) &&
    error.outcome === 'not-applied'
  );
}
