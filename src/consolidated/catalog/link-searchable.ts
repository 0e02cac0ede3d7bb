import type { SearchableRow } from './introspection.ts';
import type { Searchable } from './model.ts';
import { linkVectorIndex } from './vector-index.ts';

export function linkSearchable(row: SearchableRow): Searchable {
  const [, columns, indexes, indexedColumns, policyColumns, rows, parts, partOids, listedBy, covering] = row;
  const types = new Map(columns);
  return {
    vectorIndexes: indexes
      .map((index) => linkVectorIndex(index, types))
      .filter((index) => index !== undefined),
    indexedColumns: new Set(indexedColumns),
    policyColumnsByRole: new Map(policyColumns.map(([role, names]) => [role, new Set(names)])),
    rows: rows ?? undefined,
    parts,
    partOids: partOids ?? [],
    listedBy: listedBy ?? undefined,
    coveringIndexes: covering.map(([oid, names]) => ({ oid, columns: names })),
  };
}
