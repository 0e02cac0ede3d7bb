import { UsageError } from '../../contract/errors.ts';
import type { ShapedColumn } from '../compile/relation-shape.ts';
import type { StatementScope } from '../compile/statement-scope.ts';

/**
 * The columns that tell the rows of a relation apart: its primary key, or the first unique key whose columns are never null.
 *
 * @throws UsageError where there is none
 */
export function rowKey({ shape }: StatementScope, method: string): readonly ShapedColumn[] {
  const { relation, columns } = shape;
  const names = relation.singleRowKeys.find((key) =>
    key.every((name) => columns.get(name)?.nullable === false),
  );
  if (names !== undefined) return names.map((name) => columns.get(name)!);
  const advice =
    relation.kind === 'table' || relation.kind === 'partitioned table'
      ? 'Add a primary key.'
      : `A ${relation.kind} has none: search the table.`;
  throw new UsageError(
    `${method} needs a primary key of "${relation.name}", or a unique key of columns that are never null: it tells by it which rows the text and the vector have both found. ${advice}`,
  );
}
