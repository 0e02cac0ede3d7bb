import { UsageError, ValidationError } from '../../contract/errors.ts';
import { checkOptions, flag, optionNames } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { rowSource } from './insert-rows.ts';
import type { ShapedColumn } from './relation-shape.ts';
import { mayName, type StatementScope, shapedColumn, statementScope } from './statement-scope.ts';
import { assertWritable, writableColumn } from './writable.ts';
import { compileWrite, type WriteOptions } from './write-plan.ts';

export interface UpsertOptions extends WriteOptions {
  /** Columns of a unique constraint or index. Default: the primary key. */
  readonly onConflict?: string | readonly string[] | undefined;
  /**
   * true: an existing row stays as it is, and is not returned.
   * @defaultValue false
   */
  readonly ignoreDuplicates?: boolean | undefined;
  /** Columns to set in an existing row. Default: all given ones except those of `onConflict`. */
  readonly update?: readonly string[] | undefined;
}

const KNOWN = optionNames(
  'upsert',
  'idempotencyKey',
  'onConflict',
  'ignoreDuplicates',
  'update',
  'returning',
  'expect',
);

/** Inserts rows, and updates those whose key already exists. */
export function compileUpsert(
  context: CompileContext,
  relation: string,
  rows: unknown,
  options: UpsertOptions = {},
): Compiled {
  checkOptions(options, KNOWN);
  const scope = statementScope(context, relation);
  const { shape } = scope;
  assertWritable(shape);
  const key = conflictKey(scope, options.onConflict);
  const source = rowSource(rows, scope);
  const given = new Set(source.columns.map(({ name }) => name));
  if (!Array.isArray(rows) || rows.length > 0) {
    for (const { name } of key) {
      if (!given.has(name)) throw missingKey(scope, name);
    }
  }
  const target = `on conflict (${key.map(({ quoted }) => quoted).join(', ')})`;
  const action = flag(options.ignoreDuplicates, 'ignoreDuplicates')
    ? doNothing(options.update)
    : `do update set ${updated(scope, source.columns, key, options.update)}`;
  return compileWrite(
    context,
    scope,
    'upsert',
    `insert into ${shape.target} as t${source.text} ${target} ${action}`,
    options,
  );
}

function missingKey(scope: StatementScope, name: string): ValidationError {
  const { name: relation } = scope.shape.relation;
  if (!mayName(scope, name)) {
    return new ValidationError(
      `upsert needs all columns of the key that finds an existing row of "${relation}" in its rows.`,
    );
  }
  return new ValidationError(
    `upsert needs "${name}" in its rows: it is part of the key that finds an existing row of "${relation}".`,
    { field: name },
  );
}

function conflictKey(scope: StatementScope, onConflict: unknown): readonly ShapedColumn[] {
  const { name, primaryKey, uniqueKeys } = scope.shape.relation;
  const keys = uniqueKeys
    .filter((columns) => columns.every((column) => mayName(scope, column)))
    .map((columns) => `[${columns.join(', ')}]`)
    .join(', ');
  if (onConflict === undefined) {
    if (primaryKey.length === 0) {
      throw new UsageError(
        `"${name}" has no primary key, so upsert needs the option 'onConflict'.${keys === '' ? ' It has no unique key either.' : ` Its unique keys: ${keys}.`}`,
      );
    }
    return primaryKey.map((column) => shapedColumn(scope, column));
  }
  const names: readonly unknown[] = Array.isArray(onConflict) ? onConflict : [onConflict];
  if (names.length === 0 || names.some((column) => typeof column !== 'string')) {
    throw new UsageError("The option 'onConflict' must be a column name or an array of column names.");
  }
  const columns = (names as readonly string[]).map((column) => shapedColumn(scope, column));
  const wanted = new Set(columns.map((column) => column.name));
  const isKey =
    wanted.size === columns.length &&
    uniqueKeys.some(
      (unique) => unique.length === wanted.size && unique.every((column) => wanted.has(column)),
    );
  if (!isKey) {
    throw new UsageError(
      `The option 'onConflict' must name the columns of a unique key of "${name}". ${keys === '' ? 'It has none' : `Its unique keys: ${keys}`}.`,
    );
  }
  return columns;
}

function doNothing(update: unknown): string {
  if (update !== undefined) {
    throw new UsageError("The options 'ignoreDuplicates' and 'update' cannot be used together.");
  }
  return 'do nothing';
}

function updated(
  scope: StatementScope,
  given: readonly ShapedColumn[],
  key: readonly ShapedColumn[],
  update: unknown,
): string {
  if (update === undefined) {
    const columns = given.filter((column) => !key.includes(column));
    // With nothing else to set, the key is set to its own value: DO NOTHING would not return the row.
    return assignments(columns.length > 0 ? columns : key.slice(0, 1));
  }
  if (!Array.isArray(update) || update.length === 0) {
    throw new UsageError(
      "The option 'update' must be an array of at least one column name. To leave existing rows unchanged, use 'ignoreDuplicates'.",
    );
  }
  const columns = [...new Set(update as readonly string[])].map((name) => writableColumn(scope, name));
  for (const column of columns) {
    if (!given.includes(column) && given.length > 0) {
      throw new UsageError(`The option 'update' names "${column.name}", which the rows do not set.`, {
        field: column.name,
      });
    }
  }
  return assignments(columns);
}

function assignments(columns: readonly ShapedColumn[]): string {
  return columns.map(({ quoted }) => `${quoted} = excluded.${quoted}`).join(', ');
}
