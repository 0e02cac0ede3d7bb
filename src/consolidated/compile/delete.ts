import { type ChangeOptions, changedRows } from './changed-rows.ts';
import { checkOptions, optionNames } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { assertKey } from './key-option.ts';
import { statementScope } from './statement-scope.ts';
import { unchangedCheck } from './unchanged.ts';
import { assertWritable } from './writable.ts';
import { compileWrite, type WriteOptions } from './write-plan.ts';

type DeleteOptions = WriteOptions & ChangeOptions;

const KNOWN = optionNames(
  'delete',
  'idempotencyKey',
  'filters',
  'all',
  'unchanged',
  'key',
  'returning',
  'expect',
);

/** Deletes the rows that match. */
export function compileDelete(
  context: CompileContext,
  relation: string,
  options: DeleteOptions = {},
): Compiled {
  checkOptions(options, KNOWN);
  const scope = statementScope(context, relation);
  const { shape } = scope;
  assertWritable(shape);
  assertKey(options, scope);
  const check = unchangedCheck('delete', options, scope);
  const where = changedRows('delete', options, scope);
  const write = `delete from ${shape.target} as t${where}`;
  return compileWrite(context, scope, 'delete', write, options, check?.('1'));
}
