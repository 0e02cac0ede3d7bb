import { UsageError } from '../../contract/errors.ts';
import { JsonPath } from '../filters/path.ts';
import type { DecodeOptions } from '../values/codec.ts';
import { codecFor } from '../values/codec-for.ts';
import { holdsComposite } from '../values/composites-in.ts';
import { baseOf } from '../values/leaf-type.ts';
import type { ResultColumn } from '../values/row-decoder.ts';
import type { TypeInfo } from '../values/type-info.ts';
import { pathOperand } from './path-operand.ts';
import type { RelationShape, ShapedColumn } from './relation-shape.ts';
import { type StatementScope, shapedColumn } from './statement-scope.ts';

/** Expressions of a select list or of RETURNING, with their names and types. */
export interface ResultList {
  /** Identifies the list: its text, and the names that do not follow from it. */
  readonly key: string;
  /** Comma-separated; '' for none. */
  readonly text: string;
  readonly columns: readonly ListedColumn[];
}

type ListedColumn = ShapedColumn['result'];

const whole = new WeakMap<RelationShape, ResultList>();

/** All columns of the relation, in the order of the database. */
export function allColumns(shape: RelationShape): ResultList {
  let list = whole.get(shape);
  if (list === undefined) {
    const columns = [...shape.columns.values()];
    list = {
      key: '*',
      text: columns.map(({ expression }) => expression).join(', '),
      columns: columns.map(({ result }) => result),
    };
    whole.set(shape, list);
  }
  return list;
}

/** The columns and paths that a call names; all columns if it names none. */
export function resultColumns(selection: unknown, scope: StatementScope, option = 'columns'): ResultList {
  if (selection === undefined) return allColumns(scope.shape);
  if (!Array.isArray(selection) || selection.length === 0) {
    throw new UsageError(
      `The option '${option}' must be an array of at least one column name. Leave it out for all columns.`,
    );
  }
  let text = '';
  let pathNames = '';
  const columns: ListedColumn[] = [];
  for (const item of selection as readonly unknown[]) {
    const column = oneColumn(item, scope, option);
    const { expression, name } = column;
    if (columns.some((other) => other.name === name)) {
      throw new UsageError(`The option '${option}' names "${name}" twice.`, { field: name });
    }
    text = text === '' ? expression : `${text}, ${expression}`;
    columns.push(column);
    // The text contains the name of a column, but not the name of a path.
    if (typeof item !== 'string') pathNames += `\n${JSON.stringify(name)}`;
  }
  return { key: `${text}${pathNames}`, text, columns };
}

function oneColumn(item: unknown, scope: StatementScope, option: string): ListedColumn {
  if (typeof item === 'string') return shapedColumn(scope, item).result;
  const path = JsonPath.read(item);
  if (path === undefined) {
    throw new UsageError(`The option '${option}' must contain only column names and path(…).`);
  }
  return pathOperand(scope, path);
}

export function withCodecs(list: ResultList, decode: DecodeOptions): readonly ResultColumn[] {
  return list.columns.map((column) => resultColumn(column, decode));
}

/** A column as it is read, with the type that the server describes it by: of a domain, what it is made of. */
export function resultColumn(
  { name, type }: { readonly name: string; readonly type: TypeInfo },
  decode: DecodeOptions,
): ResultColumn {
  const { kind, oid } = baseOf(type);
  // What stands for any type is known only by its text.
  return {
    name,
    codec: codecFor(type, decode),
    type: kind === 'pseudo' ? undefined : oid,
    composite: holdsComposite(type) ? type : undefined,
  };
}
