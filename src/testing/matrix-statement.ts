import { quotedName } from '../contract/quoted-name.ts';
import { type ExpectedLine, invalidMatrix } from './matrix-text.ts';
import type { RlsMatrix, RowFor, RowValues } from './rls-matrix.ts';

export interface MatrixStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * The command as its line describes it, for one identity. It has neither WHERE nor RETURNING, because columns named there
 * bring in the policies of `select`, and a hole in those of `update` would be hidden by them.
 */
export function statementOf(matrix: RlsMatrix, line: ExpectedLine, identity: string): MatrixStatement {
  const { table, command, label } = line;
  const name = `${quotedName(matrix.schema)}.${quotedName(table)}`;
  const of = matrix.tables[table];
  if (command === 'delete') return { text: `delete from ${name}`, values: [] };
  if (command === 'select') {
    const columns = of?.select?.map(quotedName).join(', ') ?? '*';
    return {
      text: `select pg_catalog.to_jsonb(seen) as row from (select ${columns} from ${name}) seen`,
      values: [],
    };
  }
  const given = of?.[label as 'insert'];
  const row = rowFor(given, identity, `'${label}' of the table '${table}'`);
  const columns = Object.keys(row).map(quotedName);
  const values = Object.values(row);
  const bound = columns.map((_column, i) => `$${i + 1}`);
  const text =
    command === 'insert'
      ? `insert into ${name} (${columns.join(', ')}) values (${bound.join(', ')})`
      : `update ${name} set ${columns.map((column, i) => `${column} = ${bound[i]}`).join(', ')}`;
  return { text, values };
}

function rowFor(given: RowFor | undefined, identity: string, what: string): RowValues {
  const row = typeof given === 'function' ? given(identity) : given;
  if (row === undefined || Object.keys(row).length === 0) {
    throw invalidMatrix(`${what} must have a column, for '${identity}' too.`);
  }
  return row;
}
