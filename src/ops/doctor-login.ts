import type { AdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';
import { type LoginPurpose, loginFindings } from './login-rights.ts';
import { readLoginStates } from './login-state.ts';

/** Names that this package's own connections carry, and those that Supavisor gives the connections that it keeps. */
const OWN_APPLICATION = /^(cdb|consolidated-db.*|Supavisor( - .*)?)$/;

/**
 * Other programs with the same login and database, as the server shows them. Behind a pooler in transaction mode, a
 * program that pipelines on the same login can get replies of others. Poolers may hide the program's name.
 */
export async function examineCompany(connection: AdminConnection): Promise<readonly Report[]> {
  const rows = await connection.query<{ name: string }>(
    `select distinct application_name as name from pg_catalog.pg_stat_activity
     where usename = session_user and datname = current_database() and pid <> pg_backend_pid()
       and application_name <> ''
     order by 1`,
  );
  const others = rows.map((row) => row.name).filter((name) => !OWN_APPLICATION.test(name));
  if (others.length === 0) return [];
  return [
    {
      level: 'warning',
      check: 'connections',
      message: `The login is also used by ${others.join(', ')}`,
      advice: 'Give every program its own login. No other program may use the login of the service.',
    },
  ];
}

/** The rights of a login: those that it should not have, and those that are missing. */
export async function examineLogin(
  connection: AdminConnection,
  purpose: LoginPurpose,
): Promise<readonly Report[]> {
  const [row] = await connection.query<{ user: string }>('select session_user::text as "user"');
  const [state] = await readLoginStates(connection, [row?.user ?? connection.user]);
  if (state === undefined) return [];
  const findings = loginFindings(state, purpose);
  if (findings.length > 0) {
    return findings.map(({ level, message, advice }) => ({ level, check: 'login', message, advice }));
  }
  const roles = state.reach.map(({ role }) => role).join(' and ');
  return [
    {
      level: 'ok',
      check: 'login',
      message: `${state.name} may become ${roles} and has no other rights`,
    },
  ];
}
