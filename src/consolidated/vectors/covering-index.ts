import type { RelationShape, ShapedColumn } from '../compile/relation-shape.ts';
import { mayName, type StatementScope } from '../compile/statement-scope.ts';
import { isOpenTo } from './search-choice.ts';
import type { Covering } from './search-sql.ts';

interface Asked {
  readonly column: ShapedColumn;
  /** Select list of the columns. */
  readonly list: string;
  readonly limit: number;
  /** SQL of the filters. */
  readonly where: string;
  /** SQL that leaves out the row of `near`. */
  readonly apart: string;
}

/** Rows of an answer that are looked up by their key, each by itself. For more of them that would cost what the index saves. */
const MOST_READ = 1_024;

/**
 * An index serves if a column of the filters or of a policy leads it, and if it has each column that they name: for any other the
 * server reads the table, once for each row that is compared.
 */
export function coveringIndexes(scope: StatementScope, asked: Asked): Covering | undefined {
  const { shape } = scope;
  const { searchable } = shape.relation;
  if (searchable === undefined || searchable.coveringIndexes.length === 0) return undefined;
  const ofPolicies = isOpenTo(scope, shape.relation)
    ? []
    : (searchable.policyColumnsByRole.get(scope.role) ?? []);
  const deciding = new Set([...ofPolicies, ...namesIn(asked.where, shape)]);
  const needed = [asked.column.name, ...deciding, ...namesIn(asked.apart, shape)];
  const serving = searchable.coveringIndexes.filter(
    ({ columns }) => deciding.has(columns[0] ?? '') && holds(columns, needed),
  );
  const names = namesIn(asked.list, shape);
  const holding = serving.filter(({ columns }) => holds(columns, names));
  if (holding.length > 0) return { oids: holding.map(({ oid }) => oid), key: undefined };
  if (asked.limit > MOST_READ) return undefined;
  for (const key of readableKeys(scope)) {
    const keyed = serving.filter(({ columns }) => holds(columns, key));
    if (keyed.length === 0) continue;
    return { oids: keyed.map(({ oid }) => oid), key: key.map((name) => shape.columns.get(name)!.expression) };
  }
  return undefined;
}

/** Keys that tell all rows apart, and find each by an index: their types are compared by operators that every statement finds. */
function readableKeys(scope: StatementScope): readonly (readonly string[])[] {
  const { columns, relation } = scope.shape;
  return relation.singleRowKeys.filter(
    (key) =>
      key.length > 0 &&
      key.every((name) => {
        const column = columns.get(name);
        const isKnown = column?.type.schema === 'pg_catalog' || column?.type.kind === 'enum';
        return isKnown && !column?.nullable && mayName(scope, name);
      }),
  );
}

function holds(columns: readonly string[], names: Iterable<string>): boolean {
  return [...names].every((name) => columns.includes(name));
}

/** In SQL of ours each column stands as `t."name"`. Whatever looks like one beside them costs a faster way and nothing else. */
function namesIn(sql: string, { columns }: RelationShape): readonly string[] {
  return [...columns.values()].filter(({ expression }) => sql.includes(expression)).map(({ name }) => name);
}
