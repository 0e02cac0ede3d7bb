import { ValidationError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import type { RelationShape, ShapedColumn } from './relation-shape.ts';
import type { StatementScope } from './statement-scope.ts';
import { assertRow, encodeFor, writableColumn } from './writable.ts';

/** The columns that rows give, and ` ("a", "b") values …` or the like. */
interface RowSource {
  readonly columns: readonly ShapedColumn[];
  readonly text: string;
}

/**
 * Writes what follows `insert into … as t`, and binds the values. A property that is undefined counts
 * as absent, and an absent column gets its default.
 */
export function rowSource(rows: unknown, scope: StatementScope): RowSource {
  return Array.isArray(rows) ? manyRows(rows, scope) : oneRow(rows, scope);
}

function oneRow(row: unknown, scope: StatementScope): RowSource {
  assertRow(row, 'The row of insert');
  const columns: ShapedColumn[] = [];
  const parameters: string[] = [];
  for (const name of Object.keys(row)) {
    const value = row[name];
    if (value === undefined) continue;
    const column = writableColumn(scope, name);
    columns.push(column);
    parameters.push(scope.binding.add(encodeFor(column, value), column) + column.cast);
  }
  if (columns.length === 0) return { columns, text: ' default values' };
  return { columns, text: ` (${quotedList(columns)}) values (${parameters.join(', ')})` };
}

/**
 * Any number of rows in one text array for each column, so that the text and the number of
 * parameters do not depend on their number. Each text is cast to the column's type where it is selected.
 *
 * One INSERT has one list of columns. A column that only some rows have is null in the others if it has no
 * default, because then absent means null. With a default it is refused, because only DEFAULT in
 * that row would be correct.
 */
function manyRows(rows: readonly unknown[], scope: StatementScope): RowSource {
  const names = new Set<string>();
  for (const [index, row] of rows.entries()) {
    assertRow(row, `Row ${index + 1} of insert`);
    for (const name of Object.keys(row)) if (row[name] !== undefined) names.add(name);
  }
  const columns = [...names].map((name) => writableColumn(scope, name));
  if (columns.length === 0) columns.push(columnToStandIn(scope, rows.length));
  const sources = columns.map((column) => {
    const texts = rows.map((row, index) => {
      const value = own(row as Readonly<Record<string, unknown>>, column.name);
      if (value !== undefined) return encodeFor(column, value);
      // A view does not show the defaults of its table.
      if (column.column.hasDefault || !isTable(scope.shape)) throw mixed(column, index);
      return null;
    });
    return `${scope.binding.addTexts(texts, column)}::text[]`;
  });
  const casts = columns.map((column, index) => `u.c${index}${column.cast}`);
  const list = columns.map((_, index) => `c${index}`).join(', ');
  return {
    columns,
    text: ` (${quotedList(columns)}) select ${casts.join(', ')} from unnest(${sources.join(', ')}) as u(${list})`,
  };
}

/** For no rows, or rows without values: a column for which absent is the same as null. */
function columnToStandIn(scope: StatementScope, rows: number): ShapedColumn {
  const writable = [...scope.shape.columns.values()].filter(({ column }) => !column.generated);
  const found = writable.find(({ column }) => !column.hasDefault) ?? (rows === 0 ? writable[0] : undefined);
  if (found === undefined) {
    throw new ValidationError(
      `The rows set no column of "${scope.shape.relation.name}", and each of its columns has a default. Insert the rows one at a time.`,
    );
  }
  return found;
}

function mixed(column: ShapedColumn, index: number): ValidationError {
  return new ValidationError(
    `Row ${index + 1} of insert has no "${column.name}", but other rows have it and it has a default. Set it in all rows or in none, or insert the two kinds of rows separately, in one batch.`,
    { field: column.name },
  );
}

function quotedList(columns: readonly ShapedColumn[]): string {
  return columns.map(({ quoted }) => quoted).join(', ');
}

function isTable({ relation }: RelationShape): boolean {
  return relation.kind === 'table' || relation.kind === 'partitioned table';
}
