import type { AdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';
import { readVectorTables, rowCount, type VectorSizes } from './doctor-vector-tables.ts';

const check = 'vector search';

/** More values than this would be too many indexes, or partitions, for one table. */
const MOST_VALUES = 100;

interface FewValues {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly values: number;
}

/** For each role only of columns that it may read, and of tables whose policies do not apply to it. */
const FEW_VALUES = `
select distinct on (s.schemaname, s.tablename, s.attname)
  s.schemaname::text as schema, s.tablename::text as "table", s.attname::text as column, s.n_distinct::float8 as values
from pg_catalog.pg_stats s
where s.schemaname = any (array(select jsonb_array_elements_text($1::jsonb))) and s.n_distinct between 2 and ${MOST_VALUES}
order by s.schemaname, s.tablename, s.attname, s.inherited desc`;

/**
 * Tables whose policies divide their rows into few parts, each of which could have an index of its own. The login must be
 * able to become `service_role`, which may read the statistics of the tables that it has rights on.
 */
export async function examineVectorTenants(
  connection: AdminConnection,
  schemas: readonly string[],
  sizes: VectorSizes,
): Promise<readonly Report[]> {
  const tables = await readVectorTables(connection, schemas);
  const huge = tables.filter(({ rows }) => rows >= sizes.huge);
  if (huge.length === 0) return [];
  const columns = await fewValues(connection, schemas);
  return huge.flatMap(({ relation, searchable, name, rows, partitionedBy }) => {
    const read = new Set([...searchable.policyColumnsByRole.values()].flatMap((names) => [...names]));
    return columns
      .filter(({ schema, table }) => schema === relation.schema && table === relation.name)
      .filter(({ column }) => read.has(column) && column !== partitionedBy)
      .map(({ column, values }): Report => {
        const each = rowCount(rows / values);
        return {
          level: 'info',
          check,
          message: `${name} has ${rowCount(rows)}, and its policies for reading name "${column}", which has about ${values} values, of ${each} each. One index holds the rows of all, so that a search passes by those of others; partitions by "${column}", or a partial index for each value, hold only those that it may return`,
          advice: `Partition ${name} by list ("${column}"), with one index on the partitioned table. Or create indexes with 'where "${column}" = …': a search uses one of them only where its filters name the same value.`,
        };
      });
  });
}

/** Behind a pooler too the role must not outlive the question. */
async function fewValues(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<readonly FewValues[]> {
  try {
    await connection.script('begin read only; set local role service_role');
    return await connection.query<FewValues>(FEW_VALUES, [JSON.stringify(schemas)]);
  } finally {
    await connection.script('rollback');
  }
}
