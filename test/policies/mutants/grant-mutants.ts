/** Each right on a table or a column that anonymous callers and users do not have, given to them in turn. */
import { quoteName } from '../../../stack/sql-session.ts';
import { TABLES, type Table } from '../model/rows.ts';
import type { Mutant, Query } from './mutant.ts';

interface MissingRight {
  readonly role: string;
  readonly table: Table;
  readonly right: string;
  /** Null: the role has the right on no column. */
  readonly column: string | null;
}

/** A right that a role has on some columns is given for each of the others; one that it has on none, for the table. */
const MISSING = `
  with pair as (
    select r.role, c.oid, c.relname::text as "table", p."right"
    from unnest('{anon,authenticated}'::text[]) r (role),
      unnest('{select,insert,update,delete}'::text[]) p ("right"),
      pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  )
  select role, "table", "right", null as "column" from pair
  where case "right" when 'delete' then not has_table_privilege(role, oid, "right")
    else not has_any_column_privilege(role, oid, "right") end
  union all
  select role, "table", "right", a.attname from pair
  join pg_attribute a on a.attrelid = pair.oid and a.attnum > 0 and not a.attisdropped
  where "right" <> 'delete' and has_any_column_privilege(role, pair.oid, "right")
    and not has_column_privilege(role, pair.oid, a.attnum, "right")
    -- Postgres itself lets nobody give a value to these.
    and a.attidentity <> 'a' and a.attgenerated = ''
  order by 1, 2, 3, 4`;

export async function grantMutants(query: Query): Promise<readonly Mutant[]> {
  const missing = (await query(MISSING)) as readonly MissingRight[];
  return missing
    .filter(({ table }) => TABLES.includes(table))
    .map(({ role, table, right, column }) => {
      const what = column === null ? right : `${right} (${quoteName(column)})`;
      return {
        name: `${table}: ${what.replaceAll('"', '')} granted to ${role}`,
        focus: { tables: [table], ...(role === 'anon' && { caller: 'anonymous' as const }) },
        sql: `grant ${what} on public.${quoteName(table)} to ${role}`,
      };
    });
}
