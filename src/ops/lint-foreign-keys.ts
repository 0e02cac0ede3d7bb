import type { AdminConnection } from '../modes/index.ts';
import type { LintFinding } from './lint-finding.ts';

interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly columns: string;
}

/** Those whose columns no index begins with, in whatever order. */
const UNINDEXED = `
select format('%I.%I', n.nspname, c.relname) as "table", k.conname::text as name,
  (select string_agg(format('%I', a.attname), ', ' order by o.place)
   from unnest(k.conkey) with ordinality o(number, place)
   join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = o.number) as columns
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f' and k.conparentid = 0
  and n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
  and not exists (
    select from pg_catalog.pg_index i
    where i.indrelid = k.conrelid and i.indpred is null
      and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
  )
order by 1, 2`;

/** Foreign keys without an index: a delete in the other table reads all of this one, as do policies that join them. */
export async function lintForeignKeys(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<readonly LintFinding[]> {
  const keys = await connection.query<ForeignKey>(UNINDEXED, [JSON.stringify(schemas)]);
  return keys.map(({ table, name, columns }) => ({
    code: 'unindexed_foreign_keys',
    level: 'info',
    object: table,
    message: `The foreign key "${name}" of ${table} has no index`,
    advice: `create index on ${table} (${columns});`,
  }));
}
