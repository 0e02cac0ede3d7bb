import { introspect } from '../consolidated/catalog/introspect.ts';
import type { Relation, Searchable } from '../consolidated/catalog/model.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { AdminConnection } from '../modes/index.ts';

/** A table, partitioned table or materialized view with vectors, as the search sees it. */
export interface VectorTable {
  readonly relation: Relation;
  readonly searchable: Searchable;
  /** For messages. */
  readonly name: string;
  /** For statements. */
  readonly quoted: string;
  /** By the statistics; 0 where it was never analyzed. */
  readonly rows: number;
  /** Of a partitioned table: the column by which it is, or is first. */
  readonly partitionedBy: string | undefined;
  /** The schema of pgvector, for statements. */
  readonly extension: string;
}

/** How many rows a table must have before something is told of it. */
export interface VectorSizes {
  /** Reading all of them for each search begins to cost. */
  readonly large: number;
  /** What an index was built with begins to show. */
  readonly huge: number;
}

/** Those whose policies are looked at. */
const ROLES = ['anon', 'authenticated'];

const PARTITION_COLUMNS = `
select n.nspname::text as schema, c.relname::text as "table", a.attname::text as column
from pg_catalog.pg_partitioned_table p
join pg_catalog.pg_class c on c.oid = p.partrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
where n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))`;

/** Without partitions: what is told of a partitioned table holds for them. The login needs no right on any. */
export async function readVectorTables(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<readonly VectorTable[]> {
  const catalog = await introspect(
    async (text, values) => {
      const rows = await connection.query<Record<string, string>>(text, values);
      return rows.map((row) => Object.values(row));
    },
    schemas,
    ROLES,
  );
  const partitioned = await connection.query<{ schema: string; table: string; column: string }>(
    PARTITION_COLUMNS,
    [JSON.stringify(schemas)],
  );
  return schemas.flatMap((schema) =>
    catalog.relations(schema).flatMap((relation) => {
      const { name, searchable, partOf } = relation;
      if (searchable === undefined || partOf !== undefined) return [];
      return [
        {
          relation,
          searchable,
          name: `${schema}.${name}`,
          quoted: `${quotedName(schema)}.${quotedName(name)}`,
          rows: searchable.rows ?? 0,
          partitionedBy: partitioned.find((each) => each.schema === schema && each.table === name)?.column,
          extension: quotedName(catalog.extensionSchema('vector') ?? schema),
        },
      ];
    }),
  );
}

/** `12,000 rows` */
export function rowCount(rows: number): string {
  return `${Math.round(rows).toLocaleString('en-US')} rows`;
}
