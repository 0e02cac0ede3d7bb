import type { Compiled } from '../compile/compiled.ts';
import type { Result } from '../compile/read-answer.ts';
import type { Row } from '../values/row-decoder.ts';

interface Returning {
  readonly returning?: unknown;
}

/** A row for a row, rows for rows, their number with `returning: false`. */
export function written(given: unknown, options: Returning): (result: Result) => unknown {
  if (options.returning === false) return ({ count }) => count;
  return Array.isArray(given) ? rowsOf : (result) => rowsOf(result)[0];
}

/** The rows, or their number with `returning: false`. */
export function changed(options: Returning): (result: Result) => unknown {
  return options.returning === false ? ({ count }) => count : rowsOf;
}

/** Rows of a table without columns cannot be sent, so only their number is known. */
function rowsOf({ rows, count }: Result): readonly Row[] {
  return rows.length === 0 && count > 0 ? Array.from({ length: count }, () => ({})) : rows;
}

/** The result of the function by its declaration: a value, values, a row, rows or nothing. */
export function returned(compiled: Compiled, { rows }: Result): unknown {
  switch (compiled.rpc) {
    case 'void':
      return undefined;
    case 'value':
      return firstValue(rows[0]);
    case 'values':
      return rows.map(firstValue);
    case 'row':
      return rows[0] ?? null;
    default:
      return rows;
  }
}

function firstValue(row: Row | undefined): unknown {
  return row === undefined ? null : Object.values(row)[0];
}
