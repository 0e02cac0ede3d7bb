import type { AdminQueries } from './admin-queries.ts';
import { invalidMatrix, type MatrixCommand } from './matrix-text.ts';
import type { RlsMatrix } from './rls-matrix.ts';

/** A table or view of the schema. */
export interface MatrixRelation {
  readonly name: string;
  readonly owner: string;
  /** It has rows of its own, each with a version; a view's rows are known by their content only. */
  readonly hasVersions: boolean;
  /** Those that Postgres could carry out, whoever asks. */
  readonly commands: readonly MatrixCommand[];
}

/** What `pg_relation_is_updatable` tells by bits 2 to 4. */
const RELATIONS = `
  select c.relname as name, pg_catalog.pg_get_userbyid(c.relowner) as owner,
    c.relkind in ('r', 'p') as has_versions,
    case when c.relkind in ('r', 'p') then 28
      else pg_catalog.pg_relation_is_updatable(c.oid, true) end as writable
  from pg_catalog.pg_class c
  where c.relnamespace = pg_catalog.to_regnamespace(pg_catalog.quote_ident($1)) and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not c.relispartition
    and not exists (
      select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
    )
  order by c.relname`;

const WRITES = [
  ['update', 4],
  ['insert', 8],
  ['delete', 16],
] as const satisfies readonly (readonly [MatrixCommand, number])[];

/** The tables and views of the schema by name, but those that belong to an extension. Partitions are their table's. */
export async function readRelations(
  admin: AdminQueries,
  schema: string,
): Promise<ReadonlyMap<string, MatrixRelation>> {
  const rows = await admin.query<{ name: string; owner: string; has_versions: boolean; writable: number }>(
    RELATIONS,
    [schema],
  );
  if (rows.length === 0) throw invalidMatrix(`The schema '${schema}' of the matrix has no table.`);
  return new Map(
    rows.map(({ name, owner, has_versions, writable }) => {
      const writes = WRITES.filter(([, bit]) => (writable & bit) !== 0).map(([command]) => command);
      return [name, { name, owner, hasVersions: has_versions, commands: ['select', ...writes] }];
    }),
  );
}

/** Each command without a line, and each line without a table: what the matrix leaves open is not allowed silently. */
export function gapsOf(matrix: RlsMatrix, relations: ReadonlyMap<string, MatrixRelation>): readonly string[] {
  const { schema, lines } = matrix;
  const missing = [...relations.values()].flatMap(({ name, commands }) =>
    commands
      .filter((command) => !lines.some((line) => line.table === name && line.command === command))
      .map((command) => `The matrix has no line '${name} | ${command}'.`),
  );
  const unknown = new Set(lines.map(({ table }) => table).filter((table) => !relations.has(table)));
  return [...missing, ...[...unknown].map((table) => `The schema '${schema}' has no table '${table}'.`)];
}
