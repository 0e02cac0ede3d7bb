import { UsageError } from '../../contract/errors.ts';
import { isBuiltin, isText } from '../compile/operand-types.ts';
import type { ShapedColumn } from '../compile/relation-shape.ts';
import { mayName, type StatementScope, shapedColumn } from '../compile/statement-scope.ts';
import { faultOf } from '../values/refuse.ts';
import { assertSendable } from '../values/sendable-text.ts';
import { languageSql } from './language-sql.ts';

export interface TextOptions {
  readonly text: string;
  /** Default: the only tsvector column. */
  readonly textColumn?: string | undefined;
  /** Several text columns, searched as one text. */
  readonly textColumns?: readonly string[] | undefined;
  /** @defaultValue 'english' */
  readonly language?: string | undefined;
}

export interface SearchedText {
  /** Expression of the type `tsvector`; null where the text is. */
  readonly words: string;
  /** Expression of the type `tsquery`, which the server computes once for a statement. */
  readonly query: string;
}

/**
 * The words of a row, and those that are searched for, as people type them into search boxes: no text is a syntax error.
 *
 * Which index serves follows from the expression: `fts` of a tsvector column, `to_tsvector('english', body)` of one text
 * column, `to_tsvector('english', coalesce(title, '') || ' ' || coalesce(body, ''))` of several.
 */
export function searchedText(options: TextOptions, scope: StatementScope): SearchedText {
  const columns = searchedColumns(options, scope);
  const language = languageSql(options.language, scope.binding);
  const { text } = options;
  if (typeof text !== 'string') {
    throw new (faultOf(text))(`The option 'text' must be a string. It was ${kindOf(text)}.`);
  }
  const bound = scope.binding.add(assertSendable(text, "The option 'text'"));
  const [only, ...others] = columns;
  const isVector = isBuiltin(only.type, 'tsvector');
  return {
    words: isVector
      ? only.expression
      : `to_tsvector(${language}, ${others.length === 0 ? only.expression : joined(columns)})`,
    query: `(select websearch_to_tsquery(${language}, ${bound}::text))`,
  };
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
}

/** A null must not make the whole text null. */
function joined(columns: readonly ShapedColumn[]): string {
  return columns.map(({ expression }) => `coalesce(${expression}, '')`).join(` || ' ' || `);
}

type Columns = readonly [ShapedColumn, ...ShapedColumn[]];

function searchedColumns({ textColumn, textColumns }: TextOptions, scope: StatementScope): Columns {
  if (textColumns === undefined)
    return [textColumn === undefined ? onlyColumn(scope) : named(textColumn, scope)];
  if (textColumn !== undefined) {
    throw new UsageError("hybridSearch takes one of the options 'textColumn' and 'textColumns', not both.");
  }
  if (!Array.isArray(textColumns) || textColumns.length === 0) {
    throw new UsageError("The option 'textColumns' must be an array of at least one column name.");
  }
  const columns = (textColumns as readonly unknown[]).map((name) => named(name, scope, 'textColumns'));
  if (new Set(columns).size < columns.length) {
    throw new UsageError("The option 'textColumns' names a column twice.");
  }
  const vector = columns.length > 1 ? columns.find(({ type }) => isBuiltin(type, 'tsvector')) : undefined;
  if (vector !== undefined) {
    throw new UsageError(
      `The option 'textColumns' takes text columns. A tsvector is searched alone: name ${vector.place} in 'textColumn'.`,
      { field: vector.name },
    );
  }
  return columns as unknown as Columns;
}

function named(name: unknown, scope: StatementScope, option = 'textColumn'): ShapedColumn {
  if (typeof name !== 'string')
    throw new UsageError(`The option '${option}' must name a column by a string.`);
  const column = shapedColumn(scope, name);
  if (isSearchable(column)) return column;
  throw new UsageError(
    `hybridSearch searches the text only of tsvector and text columns. The type of ${column.place} is ${column.type.sql}.${available(scope, isSearchable)}`,
    { field: name },
  );
}

function onlyColumn(scope: StatementScope): ShapedColumn {
  const { columns, relation } = scope.shape;
  const [only, ...others] = [...columns.values()].filter(isWords);
  if (only !== undefined && others.length === 0) return only;
  throw new UsageError(
    only === undefined
      ? `"${relation.name}" has no tsvector column. Name a text column in the option 'textColumn', or several in 'textColumns'.${available(scope, isSearchable)}`
      : `"${relation.name}" has several tsvector columns. Name one of them in the option 'textColumn'.${available(scope, isWords)}`,
  );
}

function isWords({ type }: ShapedColumn): boolean {
  return isBuiltin(type, 'tsvector');
}

function isSearchable(column: ShapedColumn): boolean {
  return isWords(column) || isText(column.type);
}

/** Those that the role may be told of, as the end of a message. */
function available(scope: StatementScope, fits: (column: ShapedColumn) => boolean): string {
  const names = [...scope.shape.columns.values()].filter(
    (column) => fits(column) && mayName(scope, column.name),
  );
  return names.length === 0 ? '' : ` Available: ${names.map(({ name }) => `"${name}"`).join(', ')}.`;
}
