import type { AdminConnection } from '../modes/index.ts';
import type { LintFinding } from './lint-finding.ts';

interface Exposed {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'materialized view';
  /** Row level security is on, or a view reads as its caller. */
  readonly secured: boolean;
  readonly policies: number;
  /** A role of callers has a grant on it, or on a column of it. */
  readonly granted: boolean;
}

const EXPOSED = `
select
  format('%I.%I', n.nspname, c.relname) as name,
  case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind,
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

/** How many relations there are, and those that row level security does not guard. */
export async function lintExposedRelations(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<{ readonly relations: number; readonly findings: readonly LintFinding[] }> {
  const relations = await connection.query<Exposed>(EXPOSED, [JSON.stringify(schemas)]);
  return { relations: relations.length, findings: relations.flatMap(judge) };
}

function judge({ name, kind, secured, granted, policies }: Exposed): readonly LintFinding[] {
  const level = granted ? 'error' : 'warning';
  const who = granted ? 'callers have grants on it' : 'no caller has grants on it yet';
  if (secured) {
    if (kind !== 'table' || policies > 0) return [];
    return [
      {
        code: 'rls_enabled_no_policy',
        level: 'info',
        object: name,
        message: `The table ${name} has no policy: only the service sees its rows`,
        advice: 'Create its policies, if callers are to see rows of it.',
      },
    ];
  }
  if (kind === 'table') {
    const advice = `alter table ${name} enable row level security;`;
    const off: LintFinding = {
      code: 'rls_disabled_in_public',
      level,
      object: name,
      message: `Row level security is off for the table ${name}; ${who}`,
      advice: `${advice} Then create its policies.`,
    };
    if (policies === 0) return [off];
    const message = `The table ${name} has policies, which do nothing while row level security is off`;
    return [off, { code: 'policy_exists_rls_disabled', level, object: name, message, advice }];
  }
  return [
    {
      code: kind === 'view' ? 'security_definer_view' : 'materialized_view_in_api',
      level,
      object: name,
      message: `The ${kind} ${name} runs with the rights of its owner; ${who}`,
      advice:
        kind === 'view'
          ? `alter view ${name} set (security_invoker = true);`
          : 'No row level security applies to a materialized view. Move it to a schema that is not exposed.',
    },
  ];
}
