import { UsageError } from '../../contract/errors.ts';
import type { Relation } from '../catalog/model.ts';
import { shown } from './did-you-mean.ts';
import { mayName, type StatementScope, shapedColumn } from './statement-scope.ts';

/** True when no two rows can be equal in the named columns: they contain a unique key that is never null. */
export function tellRowsApart(relation: Relation, names: readonly string[]): boolean {
  return relation.singleRowKeys.some(
    (key) =>
      key.length > 0 &&
      key.every((name) => names.includes(name) && relation.columns.get(name)?.nullable === false),
  );
}

/**
 * Reads the option `key`: throws UsageError `NOT_A_KEY` unless its columns are a key of the table. Nothing is asked of the
 * database: the catalog knows it.
 *
 * Views and foreign tables have no keys in the catalog, so there the caller must ensure it.
 */
export function assertKey(options: { readonly key?: unknown }, scope: StatementScope): void {
  if (!Object.hasOwn(options, 'key')) return;
  const { key } = options;
  const names: readonly unknown[] = Array.isArray(key) ? key : [key];
  if (!areNames(names)) {
    throw new UsageError("The option 'key' must be the name of a column, or an array of at least one.");
  }
  for (const name of names) shapedColumn(scope, name);
  const { relation } = scope.shape;
  if (relation.kind === 'view' || relation.kind === 'foreign table') return;
  if (!tellRowsApart(relation, names)) throw notAKey(names, scope);
}

function areNames(names: readonly unknown[]): names is readonly string[] {
  return names.length > 0 && names.every((name) => typeof name === 'string');
}

function notAKey(names: readonly string[], scope: StatementScope): UsageError {
  const { relation } = scope.shape;
  const { primaryKey } = relation;
  const isTellable = primaryKey.length > 0 && primaryKey.every((name) => mayName(scope, name));
  const list = (columns: readonly string[]) => columns.map(shown).join(', ');
  return new UsageError(
    `The option 'key' names ${list(names)}, which several rows of ${shown(relation.name)} may have in common. It needs a primary key, or a unique key of columns that are never null and whose constraint is not deferrable.`,
    {
      code: 'NOT_A_KEY',
      relation: `${relation.schema}.${relation.name}`,
      hint: isTellable ? `The primary key is ${list(primaryKey)}.` : undefined,
    },
  );
}
