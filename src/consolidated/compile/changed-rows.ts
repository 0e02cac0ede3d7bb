import { UsageError } from '../../contract/errors.ts';
import { flag } from './check-options.ts';
import type { StatementScope } from './statement-scope.ts';
import { writeWhere } from './where.ts';

export interface ChangeOptions {
  readonly filters?: unknown;
  /** Allows an update or delete of all rows, which without a condition is an error. */
  readonly all?: boolean | undefined;
  /** The values that a row must still have for the write not to fail, by column. */
  readonly unchanged?: unknown;
  /** Columns that must be a key of the table. */
  readonly key?: unknown;
}

/**
 * ` where …` of an update or delete. Filters without a condition count as none, and no filters are an error
 * unless `all` is true.
 */
export function changedRows(
  method: 'update' | 'delete',
  options: ChangeOptions,
  scope: StatementScope,
): string {
  const all = flag(options.all, 'all');
  const where = writeWhere(options, scope);
  if (all && options.filters !== undefined) {
    throw new UsageError(`${method} needs either 'filters' or all: true, not both.`);
  }
  if (where === '' && !all) {
    throw new UsageError(
      `${method} needs at least one condition in 'filters', or all: true for every row of "${scope.shape.relation.name}".`,
      { code: 'FILTER_REQUIRED' },
    );
  }
  return where === '' ? '' : ` where ${where}`;
}
