import { UsageError } from '../../contract/errors.ts';
import { checkedValue, EXPECTATION_MARK } from '../../contract/expectation.ts';
import { leafOf } from '../values/leaf-type.ts';
import { isPlainObject } from '../values/plain-object.ts';
import type { TypeInfo } from '../values/type-info.ts';
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
  write: 'update' | 'delete',
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
  const { binding, shape } = scope;
  if (shape.relation.replacedWrites.includes(write)) {
    throw new UsageError(
      `The option 'unchanged' does not work on "${shape.relation.name}": a trigger or a rule does the ${write} there, so that Postgres does not lock the row, and two writers at the same time would both pass.`,
      { hint: 'Write to the table itself, or compare the version inside the trigger.' },
    );
  }
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
      encoded === null ? isNull(operand) : isSame(operand, `${binding.add(encoded, operand)}${operand.cast}`),
    );
  }
  const mark = `${binding.add(EXPECTATION_MARK)}::text`;
  const condition = conditions.join(' and ');
  return (value) => checkedValue(value, condition, column, mark);
}

/**
 * Where `=` holds for values that are not the same, their texts are compared: it ignores case and accents in some collations,
 * takes a month for 30 days, and boxes of one area for equal. The texts of numbers may differ where the numbers do not.
 */
function isSame({ expression, type }: Operand, value: string): string {
  if (!hasLooseEquality(leafOf(type))) return `${expression} = ${value}`;
  return `${expression}::pg_catalog.text collate pg_catalog."C" = ${value}::pg_catalog.text`;
}

function hasLooseEquality({ kind, schema, name }: TypeInfo): boolean {
  return kind === 'base' && (schema !== 'pg_catalog' || LOOSE.has(name));
}

const LOOSE: ReadonlySet<string> = new Set([
  ...['text', 'varchar', 'bpchar', 'interval', 'xml'],
  ...['box', 'circle', 'line', 'lseg', 'path', 'point', 'polygon'],
]);

/** JSON null reads as null too. */
function isNull({ expression, type }: Operand): string {
  return type.name === 'jsonb'
    ? `(${expression} is null or ${expression} = 'null'::pg_catalog.jsonb)`
    : `${expression} is null`;
}
