import { ValidationError } from '../../contract/errors.ts';
import { Binding } from './binding.ts';
import { type ChangeOptions, changedRows } from './changed-rows.ts';
import { checkOptions, optionNames } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { relationShape } from './relation-shape.ts';
import { assertRow, assertWritable, encodeFor, writableColumn } from './writable.ts';
import { compileWrite, type WriteOptions } from './write-plan.ts';

export type UpdateOptions = WriteOptions & ChangeOptions;

const KNOWN = optionNames('update', 'filters', 'all', 'returning', 'expect');

/** Sets columns of the matching rows. A property that is undefined counts as absent. */
export function compileUpdate(
  context: CompileContext,
  relation: string,
  set: unknown,
  options: UpdateOptions = {},
): Compiled {
  checkOptions(options, KNOWN);
  const shape = relationShape(context.catalog, context.schema, relation);
  assertWritable(shape);
  assertRow(set, 'The values of update');
  const scope = { catalog: context.catalog, shape, binding: new Binding() };
  const assignments: string[] = [];
  for (const name of Object.keys(set)) {
    const value = set[name];
    if (value === undefined) continue;
    const column = writableColumn(shape, name);
    assignments.push(`${column.quoted} = ${scope.binding.add(encodeFor(column, value))}${column.cast}`);
  }
  if (assignments.length === 0) {
    throw new ValidationError(`update must set at least one column of "${relation}".`);
  }
  const where = changedRows('update', options, scope);
  const write = `update ${shape.target} as t set ${assignments.join(', ')}${where}`;
  return compileWrite(context, scope, 'update', write, options);
}
