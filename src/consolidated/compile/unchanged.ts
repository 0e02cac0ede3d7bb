import { UsageError } from '../../contract/errors.ts';
import { checkedValue, EXPECTATION_MARK } from '../../contract/expectation.ts';
import { isPlainObject } from '../values/plain-object.ts';
import { assertComparable } from './operator-sql.ts';
import type { Operand } from './relation-shape.ts';
import { type StatementScope, shapedColumn } from './statement-scope.ts';
import { encodeFor } from './writable.ts';

/** Wraps the SQL of a value that is computed for each written row, so that the write fails at a row that has changed. */
type RowCheck = (value: string) => string;

/**
 * The check that a row still has the values in `unchanged`; undefined without that option.
 *
 * It is no condition of the WHERE: that would skip a row that has changed, and nobody could tell it from one that is not
 * there. It is computed for the row that is about to be written, as it is then: where another transaction held the row,
 * as that one has left it.
 */
export function unchangedCheck(
  options: { readonly unchanged?: unknown; readonly filters?: unknown },
  scope: StatementScope,
): RowCheck | undefined {
  if (!Object.hasOwn(options, 'unchanged')) return undefined;
  const { unchanged, filters } = options;
  if (filters === undefined) {
    throw new UsageError("The option 'unchanged' needs 'filters', which find the row that it speaks of.");
  }
  if (!isPlainObject(unchanged) || Object.keys(unchanged).length === 0) {
    throw new UsageError(
      "The option 'unchanged' must be an object of at least one column and its value, such as { version: 3 }.",
    );
  }
  const { binding } = scope;
  const conditions: string[] = [];
  let column = '';
  for (const name of Object.keys(unchanged)) {
    const operand = shapedColumn(scope, name);
    column = operand.expression;
    const value = unchanged[name];
    if (value === undefined) {
      throw new UsageError(
        `The ${operand.place} in 'unchanged' is undefined. It must be the value that the row had when it was read, or null.`,
        { field: name },
      );
    }
    assertComparable(operand, 'eq');
    const encoded = encodeFor(operand, value);
    conditions.push(
      encoded === null ? isNull(operand) : `${operand.expression} = ${binding.add(encoded)}${operand.cast}`,
    );
  }
  const mark = `${binding.add(EXPECTATION_MARK)}::text`;
  const condition = conditions.join(' and ');
  return (value) => checkedValue(value, condition, column, mark);
}

/** JSON null reads as null too. */
function isNull({ expression, type }: Operand): string {
  return type.name === 'jsonb'
    ? `(${expression} is null or ${expression} = 'null'::pg_catalog.jsonb)`
    : `${expression} is null`;
}
