import { UsageError } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/model.ts';
import { Binding } from './binding.ts';
import type { CompileContext } from './compiled.ts';
import { didYouMean, shown } from './did-you-mean.ts';
import { type RelationShape, relationShape, type ShapedColumn } from './relation-shape.ts';

/** Where the names of one statement are looked up and its values are bound. */
export interface StatementScope {
  readonly catalog: Catalog;
  /** The database role of the caller. */
  readonly role: string;
  readonly shape: RelationShape;
  readonly binding: Binding;
}

/** Throws UsageError `UNKNOWN_RELATION` when the schema has no such relation. */
export function statementScope(context: CompileContext, relation: string): StatementScope {
  const { catalog, role, trace } = context;
  return { catalog, role, shape: relationShape(context, relation), binding: new Binding(trace) };
}

/** Throws UsageError `UNKNOWN_COLUMN` when the relation has no such column. */
export function shapedColumn(scope: StatementScope, name: string): ShapedColumn {
  return scope.shape.columns.get(name) ?? unknownColumn(scope, name);
}

/** True when the role of the caller has a right on the column, so that a message may name it. */
export function mayName({ shape, role }: StatementScope, column: string): boolean {
  return shape.relation.columns.get(column)?.visibleTo.has(role) === true;
}

function unknownColumn(scope: StatementScope, name: string): never {
  const { schema, name: relation } = scope.shape.relation;
  const names = [...scope.shape.columns.keys()].filter((column) => mayName(scope, column));
  throw new UsageError(`"${relation}" has no column ${shown(name)}.${didYouMean(name, names)}`, {
    code: 'UNKNOWN_COLUMN',
    relation: `${schema}.${relation}`,
    field: name,
  });
}
