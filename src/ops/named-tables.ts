import { UsageError } from '../contract/errors.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { AdminConnection } from '../modes/index.ts';
import { readNames } from './sql-names.ts';

export interface NamedTable {
  readonly schema: string;
  readonly table: string;
}

/**
 * The tables of a list as in SQL: `trips, other."Odd name"`. A name without schema is one of `public`.
 *
 * @throws UsageError with this code
 */
export function namedTables(list: string, code: string): readonly NamedTable[] {
  const reader = readNames(list);
  const tables: (NamedTable | undefined)[] = [];
  do {
    const found = reader.qualifiedName();
    tables.push(found && { schema: found.schema ?? 'public', table: found.name });
  } while (reader.word(','));
  const isClosed = list.split('"').length % 2 === 1;
  if (isClosed && reader.isAtEnd && tables.every((table) => table !== undefined)) return tables;
  throw new UsageError(`'${list}' is not a list of tables.`, {
    code,
    hint: 'Separate names by commas and quote those that Postgres would fold: trips,other."Odd name".',
  });
}

/**
 * The columns of a list as in SQL: `secret, "Odd name"`.
 *
 * @throws UsageError with this code
 */
export function columnNames(list: string, code: string): readonly string[] {
  const reader = readNames(list);
  const names: (string | undefined)[] = [];
  do names.push(reader.name());
  while (reader.word(','));
  const isClosed = list.split('"').length % 2 === 1;
  if (isClosed && reader.isAtEnd && names.every((name) => name !== undefined)) return names;
  throw new UsageError(`'${list}' is not a list of columns.`, {
    code,
    hint: 'Separate names by commas and quote those that Postgres would fold: secret,"Odd name".',
  });
}

/** Without those that are part of others, which are watched with them, and without those of extensions. */
const TABLES = `
select n.nspname::text as schema, c.relname::text as "table"
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence <> 't'
  and n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
  and not exists (select from pg_catalog.pg_inherits i where i.inhrelid = c.oid)
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
order by 1, 2`;

/** All tables of these schemas, as the migration names them. */
export function tablesOf(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<readonly NamedTable[]> {
  return connection.query<NamedTable>(TABLES, [JSON.stringify(schemas)]);
}

/** The table as a literal of SQL, of which `regclass` makes a table. */
export function tableLiteral({ schema, table }: NamedTable): string {
  return quotedText(`${quotedName(schema)}.${quotedName(table)}`);
}

/** Right whatever `standard_conforming_strings` is. */
export function quotedText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}
