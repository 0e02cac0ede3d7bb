import { ValidationError } from '../../contract/errors.ts';
import { type ChangeOptions, changedRows } from './changed-rows.ts';
import { checkOptions, optionNames } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { assertKey } from './key-option.ts';
import { statementScope } from './statement-scope.ts';
import { unchangedCheck } from './unchanged.ts';
import { assertRow, assertWritable, encodeFor, writableColumn } from './writable.ts';
import { compileWrite, type WriteOptions } from './write-plan.ts';

export type UpdateOptions = WriteOptions & ChangeOptions;

const KNOWN = optionNames(
  'update',
  'idempotencyKey',
  'filters',
  'all',
  'unchanged',
  'key',
  'returning',
  'expect',
);

/** Sets columns of the matching rows. A property that is undefined counts as absent. */
export function compileUpdate(
  context: CompileContext,
  relation: string,
  set: unknown,
  options: UpdateOptions = {},
): Compiled {
  checkOptions(options, KNOWN);
  const scope = statementScope(context, relation);
  const { shape } = scope;
  assertWritable(shape);
  assertKey(options, scope);
  assertRow(set, 'The values of update');
  const check = unchangedCheck('update', options, scope);
  const assignments: string[] = [];
  for (const name of Object.keys(set)) {
    const value = set[name];
    if (value === undefined) continue;
    const column = writableColumn(scope, name);
    const assigned = `${scope.binding.add(encodeFor(column, value), column)}${column.cast}`;
    // One column is enough: all of a row are computed together.
    const checked = assignments.length === 0 ? check?.(assigned) : undefined;
    assignments.push(`${column.quoted} = ${checked ?? assigned}`);
  }
  if (assignments.length === 0) {
    throw new ValidationError(`update must set at least one column of "${relation}".`);
  }
  const where = changedRows('update', options, scope);
  const write = `update ${shape.target} as t set ${assignments.join(', ')}${where}`;
  return compileWrite(context, scope, 'update', write, options);
}
