import type { AdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';

const OLDEST = 150_000;

/** What all modes share: version, extensions, and tables or views that expose more than they should. */
export async function examineDatabase(
  connection: AdminConnection,
  exposedSchemas: readonly string[],
): Promise<readonly Report[]> {
  return [
    ...(await version(connection)),
    ...(await extensions(connection)),
    ...(await exposure(connection, exposedSchemas)),
  ];
}

async function version(connection: AdminConnection): Promise<readonly Report[]> {
  const [row] = await connection.query<{ number: number; text: string }>(
    "select current_setting('server_version_num')::int4 as number, current_setting('server_version') as text",
  );
  if (row === undefined) return [];
  if (row.number >= OLDEST) return [{ level: 'ok', check: 'version', message: `PostgreSQL ${row.text}` }];
  return [
    {
      level: 'error',
      check: 'version',
      message: `PostgreSQL ${row.text} is older than 15`,
      advice: 'Upgrade to PostgreSQL 15 or newer: views with security_invoker and other features need it.',
    },
  ];
}

async function extensions(connection: AdminConnection): Promise<readonly Report[]> {
  const [vector] = await connection.query<{ schema: string; version: string }>(
    `select n.nspname::text as schema, e.extversion as version
     from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
     where e.extname = 'vector'`,
  );
  if (vector === undefined) {
    return [
      {
        level: 'info',
        check: 'extension',
        message: 'pgvector is not installed: vectorSearch and hybridSearch are not available',
        advice: 'create extension vector with schema extensions;',
      },
    ];
  }
  const message = `pgvector ${vector.version} in schema ${vector.schema}`;
  if (vector.schema !== 'public') return [{ level: 'ok', check: 'extension', message }];
  return [
    {
      level: 'warning',
      check: 'extension',
      message,
      advice: 'alter extension vector set schema extensions;',
    },
  ];
}

interface Exposed {
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly secured: boolean;
  readonly policies: number;
  readonly granted: boolean;
}

const EXPOSED = `
select
  format('%I.%I', n.nspname, c.relname) as name,
  case when c.relkind in ('v', 'm') then 'view' else 'table' end as kind,
  case
    when c.relkind = 'v' then coalesce(
      (select option_value::boolean from pg_options_to_table(c.reloptions) where option_name = 'security_invoker'), false)
    when c.relkind = 'm' then false
    else c.relrowsecurity
  end as secured,
  (select count(*)::int4 from pg_catalog.pg_policy p where p.polrelid = c.oid) as policies,
  exists (
    select from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
    where a.grantee = 0 or a.grantee in (select oid from pg_catalog.pg_roles where rolname in ('anon', 'authenticated'))
  ) or exists (
    select from pg_catalog.pg_attribute t cross join lateral aclexplode(t.attacl) a
    where t.attrelid = c.oid
      and (a.grantee = 0 or a.grantee in (select oid from pg_catalog.pg_roles where rolname in ('anon', 'authenticated')))
  ) as granted
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm')
  and n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
order by 1`;

async function exposure(connection: AdminConnection, schemas: readonly string[]): Promise<readonly Report[]> {
  const relations = await connection.query<Exposed>(EXPOSED, [JSON.stringify(schemas)]);
  const reports = relations.flatMap(judge);
  if (reports.some((each) => each.level !== 'info')) return reports;
  const message =
    relations.length === 0
      ? `No tables in ${schemas.join(', ')}`
      : `On for all ${relations.length} relations in ${schemas.join(', ')}`;
  return [{ level: 'ok', check: 'row level security', message }, ...reports];
}

function judge(relation: Exposed): readonly Report[] {
  const { name, kind, secured, granted } = relation;
  const level = granted ? 'error' : 'warning';
  const who = granted ? 'callers have grants on it' : 'no caller has grants on it yet';
  if (secured) {
    if (kind === 'view' || relation.policies > 0) return [];
    return [
      {
        level: 'info',
        check: 'row level security',
        message: `The table ${name} has no policy: only the service sees its rows`,
      },
    ];
  }
  if (kind === 'view') {
    return [
      {
        level,
        check: 'row level security',
        message: `The view ${name} runs with the rights of its owner; ${who}`,
        advice: `alter view ${name} set (security_invoker = true); Move a materialized view to a schema that is not exposed.`,
      },
    ];
  }
  return [
    {
      level,
      check: 'row level security',
      message: `Row level security is off for the table ${name}; ${who}`,
      advice: `alter table ${name} enable row level security; Then create its policies.`,
    },
  ];
}
