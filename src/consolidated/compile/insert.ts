import { checkOptions, optionNames } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { rowSource } from './insert-rows.ts';
import { statementScope } from './statement-scope.ts';
import { assertWritable } from './writable.ts';
import { compileWrite, type WriteOptions } from './write-plan.ts';

type InsertOptions = WriteOptions;

const KNOWN = optionNames('insert', 'idempotencyKey', 'returning', 'expect');

/**
 * Inserts a row, or an array of rows in one statement. Returned rows are in the order of the given ones.
 */
export function compileInsert(
  context: CompileContext,
  relation: string,
  rows: unknown,
  options: InsertOptions = {},
): Compiled {
  checkOptions(options, KNOWN);
  const scope = statementScope(context, relation);
  const { shape } = scope;
  assertWritable(shape);
  const source = rowSource(rows, scope);
  return compileWrite(context, scope, 'insert', `insert into ${shape.target} as t${source.text}`, options);
}
