import type { AdminConnection } from '../modes/index.ts';
import type { LintFinding } from './lint-finding.ts';
import { type LoginPurpose, loginFindings } from './login-rights.ts';
import { type LoginState, readLoginStates } from './login-state.ts';

/**
 * The logins that may become a role of callers. Superusers, the login that asks, and those that Supabase brings are left out:
 * their rights are known to be many.
 */
const CANDIDATES = `
select r.rolname::text as name,
  case when pg_has_role(r.oid, to_regrole('anon'), 'member') or pg_has_role(r.oid, to_regrole('authenticated'), 'member')
    then 'user' else 'service' end as purpose
from pg_catalog.pg_roles r
where r.rolcanlogin and not r.rolsuper and r.rolname <> session_user
  and r.rolname !~ '^(postgres|authenticator|dashboard_user|pgbouncer|cli_login_.*|supabase_.*)$'
  and has_database_privilege(r.oid, current_database(), 'connect')
  and exists (
    select from pg_catalog.pg_roles c
    where c.rolname in ('anon', 'authenticated', 'service_role') and pg_has_role(r.oid, c.oid, 'member')
  )
order by 1`;

interface Candidate {
  readonly name: string;
  readonly purpose: LoginPurpose;
}

/** What the logins of a service may beyond what they need, and the tables whose policies do not apply to one of them. */
export async function lintLogins(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<readonly LintFinding[]> {
  const candidates = await connection.query<Candidate>(CANDIDATES);
  const states = await readLoginStates(
    connection,
    candidates.map(({ name }) => name),
  );
  const users = states.filter((_, at) => candidates[at]?.purpose === 'user');
  return [
    ...states
      .flatMap((state, at) => loginFindings(state, candidates[at]?.purpose ?? 'user'))
      // Another program may need fewer roles than a service does.
      .filter(({ code }) => code !== 'login_lacks_roles'),
    ...(await lintOwners(connection, schemas, users)),
  ];
}

const OWNED = `
select format('%I.%I', n.nspname, c.relname) as "table", r.rolname::text as owner
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_roles r on r.oid = c.relowner
where c.relkind in ('r', 'p') and c.relrowsecurity and not c.relforcerowsecurity
  and n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
  and r.rolname = any (array(select jsonb_array_elements_text($2::jsonb)))
order by 1`;

async function lintOwners(
  connection: AdminConnection,
  schemas: readonly string[],
  users: readonly LoginState[],
): Promise<readonly LintFinding[]> {
  const roles = new Set(users.flatMap(({ name, reach }) => [name, ...reach.map(({ role }) => role)]));
  const owned = await connection.query<{ table: string; owner: string }>(OWNED, [
    JSON.stringify(schemas),
    JSON.stringify(['anon', 'authenticated', ...roles]),
  ]);
  return owned.map(({ table, owner }) => ({
    code: 'rls_not_forced_for_owner',
    level: 'error',
    object: table,
    message: `${table} belongs to ${owner}, as which callers can act: its policies do not apply to them`,
    advice: `alter table ${table} force row level security; Or give it to another owner.`,
  }));
}
