import type { Query } from './api-database.ts';
import { ApiError } from './api-error.ts';

export interface ApiColumn {
  readonly name: string;
  readonly type: string;
  /** SQL of its default; null for none. */
  readonly defaultSql: string | null;
}

export interface ApiRelation {
  readonly columns: ReadonlyMap<string, ApiColumn>;
  readonly primaryKey: readonly string[];
}

export interface ApiFunction {
  readonly names: readonly string[];
  readonly types: readonly string[];
  /** How many of the last arguments may be left out. */
  readonly defaults: number;
  readonly returnsSet: boolean;
  readonly isComposite: boolean;
  readonly isVoid: boolean;
  readonly isVolatile: boolean;
  readonly isVariadic: boolean;
}

const COLUMNS = `
  select a.attname as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
    case when a.attidentity <> '' then null else pg_catalog.pg_get_expr(d.adbin, d.adrelid) end as "defaultSql",
    a.attidentity <> '' as "isIdentity",
    pg_catalog.pg_get_serial_sequence(pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname) as sequence,
    coalesce(a.attnum = any (i.indkey), false) as "isKey"
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum and a.attgenerated = ''
  left join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
  where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')
  order by a.attnum`;

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly defaultSql: string | null;
  readonly isIdentity: boolean;
  readonly sequence: string | null;
  readonly isKey: boolean;
}

/** @throws ApiError PGRST205 */
export async function relationNamed(query: Query, schema: string, name: string): Promise<ApiRelation> {
  const rows = await query<ColumnRow>(COLUMNS, [schema, name]);
  if (rows.length === 0) {
    throw new ApiError(404, {
      code: 'PGRST205',
      message: `Could not find the table '${schema}.${name}' in the schema cache`,
    });
  }
  const columns = rows.map(
    ({ name, type, defaultSql, isIdentity, sequence }) =>
      [
        name,
        { name, type, defaultSql: isIdentity ? `nextval('${sequence}'::regclass)` : defaultSql },
      ] as const,
  );
  return {
    columns: new Map(columns),
    primaryKey: rows.filter(({ isKey }) => isKey).map(({ name }) => name),
  };
}

const FUNCTIONS = `
  select array_to_json(coalesce(p.proargnames[1:p.pronargs], '{}')) as names,
    (select coalesce(json_agg(pg_catalog.format_type(t, null) order by o), '[]')
      from unnest(p.proargtypes::oid[]) with ordinality as u(t, o)) as types,
    p.pronargdefaults as defaults, p.proretset as "returnsSet",
    r.typtype = 'c' or coalesce(p.proargmodes::text[] && '{t,b,o}', false) as "isComposite",
    p.prorettype = 'void'::regtype as "isVoid", p.provolatile = 'v' as "isVolatile",
    p.provariadic <> 0 as "isVariadic"
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_type r on r.oid = p.prorettype
  where n.nspname = $1 and p.proname = $2 and p.prokind = 'f'`;

/**
 * The function that the names of the arguments choose.
 *
 * @throws ApiError PGRST202, PGRST203
 */
export async function functionNamed(
  query: Query,
  schema: string,
  name: string,
  given: readonly string[],
): Promise<ApiFunction> {
  const all = await query<ApiFunction>(FUNCTIONS, [schema, name]);
  const fitting = all.filter(
    ({ names, defaults }) =>
      given.every((argument) => names.includes(argument)) &&
      names.slice(0, names.length - defaults).every((argument) => given.includes(argument)),
  );
  const [found, ...others] = fitting;
  if (found === undefined) {
    const list = given.length === 0 ? ' without parameters' : `(${given.join(', ')})`;
    throw new ApiError(404, {
      code: 'PGRST202',
      message: `Could not find the function ${schema}.${name}${list} in the schema cache`,
    });
  }
  if (others.length > 0) {
    throw new ApiError(300, {
      code: 'PGRST203',
      message: `Could not choose the best candidate function between: ${fitting.map(({ names }) => `${schema}.${name}(${names.join(', ')})`).join(', ')}`,
    });
  }
  return found;
}
