import { detailsOf, UniqueConstraintError } from '../../contract/errors.ts';

/**
 * The error of a write, with the column of a violated unique key where that can be told. Under row level security Postgres does
 * not name it. A key that Postgres has named is called `<table>_<column>_key`, and the column is one of those that were written.
 */
export function withViolatedColumn(error: unknown, table: string, written: readonly string[]): unknown {
  if (!(error instanceof UniqueConstraintError) || error.field !== undefined) return error;
  const field = written.find((column) => error.constraint === `${table}_${column}_key`);
  return field === undefined
    ? error
    : new UniqueConstraintError(error.message, { ...detailsOf(error), field });
}
