import { UsageError } from '../../contract/errors.ts';
import { allColumns, type ResultList, resultColumns } from '../compile/result-columns.ts';
import type { StatementScope } from '../compile/statement-scope.ts';

/**
 * The columns that a search returns beside those that it adds: what the call names, or all of the relation. Of these it leaves
 * out a column that has the name of an added one.
 *
 * @param method for errors
 * @param added names of the columns that the search adds
 * @throws UsageError where the call names such a column
 */
export function columnsBeside(
  added: readonly string[],
  method: string,
  selection: unknown,
  scope: StatementScope,
): ResultList {
  if (selection !== undefined) {
    const list = resultColumns(selection, scope);
    const taken = list.columns.find(({ name }) => added.includes(name));
    if (taken !== undefined) {
      throw new UsageError(
        `${method} adds its own column "${taken.name}": the option 'columns' cannot name another one.`,
      );
    }
    return list;
  }
  const { columns } = scope.shape;
  if (!added.some((name) => columns.has(name))) return allColumns(scope.shape);
  const others = [...columns.keys()].filter((name) => !added.includes(name));
  return resultColumns(others, scope);
}
