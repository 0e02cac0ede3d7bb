import type { AdminConnection } from '../modes/index.ts';

/** The state of a role on the server. */
export interface LoginState {
  readonly name: string;
  readonly exists: boolean;
  readonly login: boolean;
  readonly inherit: boolean;
  readonly superuser: boolean;
  readonly bypassRls: boolean;
  readonly createRole: boolean;
  readonly createDb: boolean;
  readonly replication: boolean;
  /** May connect to the current database. */
  readonly connect: boolean;
  /** Roles that it is a direct member of. */
  readonly memberships: readonly Membership[];
  /** Objects of this database that it owns or has its own grants on: `table trips`, `schema billing`. */
  readonly holdings: readonly string[];
}

interface Membership {
  readonly role: string;
  /** Its privileges apply without SET ROLE. Null before PostgreSQL 16, where the login's own NOINHERIT decides. */
  readonly inherits: boolean | null;
  /** It may grant the role to others. */
  readonly admin: boolean;
}

const LOGIN_STATE = `
select
  wanted.name::text as name,
  r.oid is not null as "exists",
  coalesce(r.rolcanlogin, false) as login,
  coalesce(r.rolinherit, false) as inherit,
  coalesce(r.rolsuper, false) as superuser,
  coalesce(r.rolbypassrls, false) as "bypassRls",
  coalesce(r.rolcreaterole, false) as "createRole",
  coalesce(r.rolcreatedb, false) as "createDb",
  coalesce(r.rolreplication, false) as replication,
  r.oid is not null and has_database_privilege(r.oid, current_database(), 'connect') as connect,
  coalesce((
    select json_agg(json_build_object(
      'role', g.rolname,
      'inherits', (to_jsonb(m) ->> 'inherit_option')::boolean,
      'admin', m.admin_option
    ) order by g.rolname)
    from pg_catalog.pg_auth_members m
    join pg_catalog.pg_roles g on g.oid = m.roleid
    where m.member = r.oid
  ), '[]') as memberships,
  coalesce((
    select json_agg(distinct pg_describe_object(d.classid, d.objid, 0))
    from pg_catalog.pg_shdepend d
    where d.refclassid = 'pg_catalog.pg_authid'::regclass
      and d.refobjid = r.oid
      and d.deptype in ('o', 'a')
      and d.dbid = (select oid from pg_catalog.pg_database where datname = current_database())
  ), '[]') as holdings
from jsonb_array_elements_text($1::jsonb) as wanted(name)
left join pg_catalog.pg_roles r on r.rolname = wanted.name`;

/** One state per name, in their order; `exists: false` for a missing role. */
export async function readLoginStates(
  connection: AdminConnection,
  names: readonly string[],
): Promise<readonly LoginState[]> {
  const rows = await connection.query<LoginState>(LOGIN_STATE, [JSON.stringify(names)]);
  return names.flatMap((name) => rows.filter((row) => row.name === name));
}
