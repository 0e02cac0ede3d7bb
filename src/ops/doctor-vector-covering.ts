import type { Relation } from '../consolidated/catalog/model.ts';
import { vectorBytes } from '../consolidated/catalog/vector-index.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { DistinctValues } from './doctor-distinct-values.ts';
import type { Report } from './doctor-finding.ts';
import { rowCount, type VectorTable } from './doctor-vector-tables.ts';

/** With fewer rows for each value, all of them are compared in no time. */
const MANY_EACH = 1_000;
/** What of the 2,704 bytes that an entry of a btree holds is left to a vector. */
const MOST_BYTES = 2_500;

/**
 * Columns of vectors that an index on a column of the policies could hold: the rows that a caller may see are compared by it without
 * the pages of the table that they are scattered over.
 */
export function uncoveredVectors(table: VectorTable, { column, values }: DistinctValues): readonly Report[] {
  const { relation, searchable, name, quoted, rows } = table;
  const each = rows / values;
  const key = keyOf(relation);
  if (relation.kind !== 'table' || searchable.parts > 1 || key === undefined || each <= MANY_EACH) return [];
  // One that another column of the policy leads may be what finds few rows.
  if (!searchable.indexedColumns.has(column) || relation.columns.get(column)?.type.name === 'bool') return [];
  const beside = [...searchable.policyColumnsByRole.values()].filter((names) => names.has(column));
  return [...relation.columns.values()].flatMap((vector): Report[] => {
    const bytes = vectorBytes(vector);
    const held = new Set([...key, ...beside.flatMap((names) => [...names]), vector.name]);
    held.delete(column);
    const isThere = searchable.coveringIndexes.some(
      ({ columns }) => columns[0] === column && [...held].every((one) => columns.includes(one)),
    );
    if (bytes === undefined || bytes > MOST_BYTES || isThere) return [];
    const size = Math.ceil((rows * bytes) / 1_000_000).toLocaleString('en-US');
    return [
      {
        level: 'info',
        check: 'vector search',
        message: `${name} has ${rowCount(rows)}, about ${rowCount(each)} for each value of "${column}", which its policies for reading name. Where all of a caller are compared, they are read from as many pages as they are scattered over; an index that holds "${vector.name}" too has them together`,
        advice: `create index concurrently on ${quoted} (${quotedName(column)}) include (${[...held].map(quotedName).join(', ')}); It holds a second copy of the vectors, about ${size} MB, and makes writes slower. Columns that searches filter by must be in it too.`,
      },
    ];
  });
}

function keyOf({ singleRowKeys, columns }: Relation): readonly string[] | undefined {
  return singleRowKeys.find((key) => key.every((name) => columns.get(name)?.nullable === false));
}
