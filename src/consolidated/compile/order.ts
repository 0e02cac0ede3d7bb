import { UsageError } from '../../contract/errors.ts';
import { JsonPath } from '../filters/path.ts';
import { isPlainObject } from '../values/plain-object.ts';
import { ownOptions } from './check-options.ts';
import { pathOperand } from './path-operand.ts';
import type { Operand } from './relation-shape.ts';
import { type StatementScope, shapedColumn } from './statement-scope.ts';

/** One key of an order, with all defaults resolved. */
export interface SortKey {
  readonly operand: Operand;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/**
 * Reads `orderBy`: a column name or path, `{ column, direction, nulls }`, or an array of them. As in
 * Postgres, nulls count as larger than all values unless `nulls` gives their position.
 */
export function readOrder(orderBy: unknown, scope: StatementScope): readonly SortKey[] {
  if (orderBy === undefined) return [];
  const items: readonly unknown[] = Array.isArray(orderBy) ? orderBy : [orderBy];
  const keys = items.map((item) => readKey(item, scope));
  for (const [index, key] of keys.entries()) {
    if (keys.findIndex(({ operand }) => operand.name === key.operand.name) !== index) {
      throw new UsageError(`The option 'orderBy' names "${key.operand.name}" twice.`, {
        field: key.operand.name,
      });
    }
  }
  return keys;
}

function readKey(item: unknown, scope: StatementScope): SortKey {
  const direct = readOperand(item, scope);
  if (direct !== undefined) return { operand: direct, descending: false, nullsFirst: false };
  if (!isPlainObject(item)) throw malformed();
  for (const name of Object.keys(item)) {
    if (name !== 'column' && name !== 'direction' && name !== 'nulls') throw malformed();
  }
  const { column, direction = 'asc', nulls } = ownOptions(item);
  const operand = readOperand(column, scope);
  if (
    operand === undefined ||
    (direction !== 'asc' && direction !== 'desc') ||
    (nulls !== undefined && nulls !== 'first' && nulls !== 'last')
  ) {
    throw malformed();
  }
  const descending = direction === 'desc';
  return { operand, descending, nullsFirst: nulls === undefined ? descending : nulls === 'first' };
}

function readOperand(item: unknown, scope: StatementScope): Operand | undefined {
  if (typeof item === 'string') return sortable(shapedColumn(scope, item));
  const path = JsonPath.read(item);
  return path === undefined ? undefined : sortable(pathOperand(scope, path));
}

function sortable(operand: Operand): Operand {
  if (operand.type.schema === 'pg_catalog' && operand.type.name === 'json') {
    throw new UsageError(`Rows cannot be ordered by ${operand.place}: Postgres cannot compare json.`);
  }
  return operand;
}

function malformed(): UsageError {
  return new UsageError(
    "The option 'orderBy' must be a column name, { column, direction: 'asc' | 'desc', nulls: 'first' | 'last' }, or an array of them.",
  );
}

/** ` order by …`, with a leading space; '' for none. */
export function orderClause(keys: readonly SortKey[]): string {
  if (keys.length === 0) return '';
  const texts = keys.map(({ operand, descending, nullsFirst }) => {
    // Omitted where it is the default, so that a plain index can be used.
    const nulls = nullsFirst === descending ? '' : nullsFirst ? ' nulls first' : ' nulls last';
    return `${operand.expression}${descending ? ' desc' : ''}${nulls}`;
  });
  return ` order by ${texts.join(', ')}`;
}
