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
  /** All roles that it is a member of, itself or through others. */
  readonly reach: readonly ReachedRole[];
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

export interface ReachedRole {
  readonly role: string;
  /** SET ROLE may switch to it. */
  readonly maySet: boolean;
  /** Its privileges apply without SET ROLE. */
  readonly inherits: boolean;
  /** No row level security applies to it: BYPASSRLS, or a superuser. */
  readonly bypasses: boolean;
  /** Null if it was granted to the login itself; otherwise the role that it was granted to. */
  readonly through: string | null;
  /** The role of the login by which it is reached: the role itself if it was granted to the login. */
  readonly first: string;
}

const LOGIN_STATE = `
with recursive steps as (
  select m.member, m.roleid,
    coalesce((to_jsonb(m) ->> 'set_option')::boolean, true) as may_set,
    coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, w.rolinherit) as inherits
  from pg_catalog.pg_auth_members m
  join pg_catalog.pg_roles w on w.oid = m.member
),
ways as (
  select s.member as login, s.roleid, s.may_set, s.inherits, null::oid as through, s.roleid as first
  from steps s
  join pg_catalog.pg_roles r on r.oid = s.member
  where r.rolname in (select jsonb_array_elements_text($1::jsonb))
  union
  select w.login, s.roleid, w.may_set and s.may_set, w.inherits and s.inherits, w.roleid, w.first
  from ways w
  join steps s on s.member = w.roleid
),
reached as (
  -- Of several ways to a role the shortest is told.
  select w.login, w.roleid, bool_or(w.may_set) as may_set, bool_or(w.inherits) as inherits,
    (array_agg(w.through order by w.through nulls first))[1] as through,
    (array_agg(w.first order by w.through nulls first))[1] as first
  from ways w
  group by w.login, w.roleid
)
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
    select json_agg(json_build_object(
      'role', g.rolname,
      'maySet', w.may_set,
      'inherits', w.inherits,
      'bypasses', g.rolsuper or g.rolbypassrls,
      'through', t.rolname,
      'first', f.rolname
    ) order by g.rolname)
    from reached w
    join pg_catalog.pg_roles g on g.oid = w.roleid
    join pg_catalog.pg_roles f on f.oid = w.first
    left join pg_catalog.pg_roles t on t.oid = w.through
    where w.login = r.oid
  ), '[]') as reach,
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
