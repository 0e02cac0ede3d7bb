import type { AdminConnection } from '../modes/index.ts';
import type { VectorTable } from './doctor-vector-tables.ts';

/** How many values a column has, by the statistics. */
export interface DistinctValues {
  readonly column: string;
  readonly values: number;
}

interface StatisticsRow {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** Below zero: the share of the rows, negated. */
  readonly distinct: number;
}

/** For each role only of columns that it may read, and of tables whose policies do not apply to it. */
const STATISTICS = `
select distinct on (s.schemaname, s.tablename, s.attname)
  s.schemaname::text as schema, s.tablename::text as "table", s.attname::text as column, s.n_distinct::float8 as distinct
from pg_catalog.pg_stats s
where (s.schemaname::text, s.tablename::text) in (select t ->> 0, t ->> 1 from jsonb_array_elements($1::jsonb) as t) and s.n_distinct <> 0
order by s.schemaname, s.tablename, s.attname, s.inherited desc`;

/** As `service_role`, which the login must be able to become. */
export async function readDistinctValues(
  connection: AdminConnection,
  tables: readonly VectorTable[],
): Promise<ReadonlyMap<VectorTable, readonly DistinctValues[]>> {
  const names = tables.map(({ relation }) => [relation.schema, relation.name]);
  const all = await asService(connection, JSON.stringify(names));
  return new Map(
    tables.map((table) => [
      table,
      all
        .filter((row) => row.schema === table.relation.schema && row.table === table.relation.name)
        .map(({ column, distinct }) => ({
          column,
          values: distinct < 0 ? Math.max(1, Math.round(-distinct * table.rows)) : distinct,
        })),
    ]),
  );
}

/** Behind a pooler too the role must not outlive the question. */
async function asService(connection: AdminConnection, names: string): Promise<readonly StatisticsRow[]> {
  try {
    await connection.script('begin read only; set local role service_role');
    return await connection.query<StatisticsRow>(STATISTICS, [names]);
  } finally {
    await connection.script('rollback');
  }
}
