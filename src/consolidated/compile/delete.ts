import { Binding } from './binding.ts';
import { type ChangeOptions, changedRows } from './changed-rows.ts';
import { checkOptions, optionNames } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { relationShape } from './relation-shape.ts';
import { assertWritable } from './writable.ts';
import { compileWrite, type WriteOptions } from './write-plan.ts';

type DeleteOptions = WriteOptions & ChangeOptions;

const KNOWN = optionNames('delete', 'filters', 'all', 'returning', 'expect');

/** Deletes the rows that match. */
export function compileDelete(
  context: CompileContext,
  relation: string,
  options: DeleteOptions = {},
): Compiled {
  checkOptions(options, KNOWN);
  const shape = relationShape(context.catalog, context.schema, relation);
  assertWritable(shape);
  const scope = { catalog: context.catalog, shape, binding: new Binding() };
  const where = changedRows('delete', options, scope);
  return compileWrite(context, scope, 'delete', `delete from ${shape.target} as t${where}`, options);
}
