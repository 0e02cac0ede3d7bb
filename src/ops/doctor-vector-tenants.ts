import type { AdminConnection } from '../modes/index.ts';
import { type DistinctValues, readDistinctValues } from './doctor-distinct-values.ts';
import type { Report } from './doctor-finding.ts';
import { uncoveredVectors } from './doctor-vector-covering.ts';
import { readVectorTables, rowCount, type VectorSizes, type VectorTable } from './doctor-vector-tables.ts';

const check = 'vector search';

/** More values than this would be too many indexes, or partitions, for one table. */
const MOST_VALUES = 100;

/**
 * What the statistics tell of tables whose policies divide their rows: few parts could have an index each, and of large ones an index
 * could hold the vectors. The login must be able to become `service_role`, which may read the statistics of the tables that it
 * has rights on.
 */
export async function examineVectorTenants(
  connection: AdminConnection,
  schemas: readonly string[],
  sizes: VectorSizes,
): Promise<readonly Report[]> {
  const tables = await readVectorTables(connection, schemas);
  const large = tables.filter(({ rows }) => rows >= sizes.large);
  if (large.length === 0) return [];
  const statistics = await readDistinctValues(connection, large);
  return large.flatMap((table) => {
    const named = policyColumns(table);
    const values = statistics.get(table)?.filter(({ column }) => named.has(column)) ?? [];
    return [
      ...(table.rows >= sizes.huge ? values.flatMap((each) => partsOf(table, each)) : []),
      ...values.flatMap((each) => uncoveredVectors(table, each)),
    ];
  });
}

function policyColumns({ searchable }: VectorTable): ReadonlySet<string> {
  return new Set([...searchable.policyColumnsByRole.values()].flatMap((names) => [...names]));
}

function partsOf(
  { name, rows, partitionedBy }: VectorTable,
  { column, values }: DistinctValues,
): readonly Report[] {
  if (values < 2 || values > MOST_VALUES || column === partitionedBy) return [];
  const each = rowCount(rows / values);
  return [
    {
      level: 'info',
      check,
      message: `${name} has ${rowCount(rows)}, and its policies for reading name "${column}", which has about ${values} values, of ${each} each. One index holds the rows of all, so that a search passes by those of others; partitions by "${column}", or a partial index for each value, hold only those that it may return`,
      advice: `Partition ${name} by list ("${column}"), with one index on the partitioned table. Or create indexes with 'where "${column}" = …': a search uses one of them only where its filters name the same value.`,
    },
  ];
}
