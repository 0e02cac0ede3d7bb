import type { AdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';
import { type LoginState, type ReachedRole, readLoginStates } from './login-state.ts';

export type LoginPurpose = 'user' | 'service';

const ROLES: Readonly<Record<LoginPurpose, readonly string[]>> = {
  user: ['anon', 'authenticated'],
  service: ['service_role'],
};

const OTHER = { user: 'service', service: 'user' } as const satisfies Record<LoginPurpose, LoginPurpose>;

/** Not a grant: with it, one login would hold the roles of users and of the service. */
const SWAPPED =
  "The URLs of users and of 'service' may be swapped: this login has the roles of the other one. Check them, and grant nothing: no login may have both.";
const RUN_INIT = "Run 'cdb init' and use the login that it creates.";

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
  const reports = [...attributes(state), ...reach(state, purpose), ...holdings(state)];
  if (reports.length > 0) return reports;
  const roles = state.reach.map(({ role }) => role).join(' and ');
  return [
    {
      level: 'ok',
      check: 'login',
      message: `${state.name} may become ${roles} and has no other rights`,
    },
  ];
}

function attributes(state: LoginState): readonly Report[] {
  const has: readonly (readonly [boolean, Report['level'], string])[] = [
    [state.superuser, 'error', 'is a superuser: it bypasses row level security'],
    [state.bypassRls, 'error', 'has BYPASSRLS: it bypasses row level security'],
    [state.replication, 'error', 'has REPLICATION: it can read everything'],
    [state.createRole, 'warning', 'has CREATEROLE: it can create logins'],
    [state.createDb, 'warning', 'has CREATEDB'],
  ];
  return has
    .filter(([is]) => is)
    .map(([, level, what]) => ({
      level,
      check: 'login',
      message: `${state.name} ${what}`,
      advice: RUN_INIT,
    }));
}

function reach(state: LoginState, purpose: LoginPurpose): readonly Report[] {
  if (state.superuser) return [];
  const held = new Set(state.reach.filter(({ maySet }) => maySet).map(({ role }) => role));
  const missing = ROLES[purpose].filter((role) => !held.has(role));
  const beyond = state.reach.filter(({ role }) => !ROLES[purpose].includes(role));
  const inherited = state.reach.filter(({ inherits }) => inherits).map(({ role }) => role);
  const reports: Report[] = [];
  if (missing.length > 0) {
    reports.push({
      level: 'error',
      check: 'login',
      message: `${state.name} may not become ${missing.join(', ')}: statements cannot run as this role`,
      advice: ROLES[OTHER[purpose]].some((role) => held.has(role))
        ? SWAPPED
        : missing.map((role) => `grant ${role} to ${state.name};`).join(' '),
    });
  }
  if (beyond.length > 0) {
    reports.push({
      level: purpose === 'user' && beyond.some(isPowerful) ? 'error' : 'warning',
      check: 'login',
      message: `${state.name} may also become ${beyond.map(shownReach).join(', ')}: raw SQL of a user could switch to it`,
      advice: adviceFor(beyond, ROLES[purpose]),
    });
  }
  if (inherited.length > 0) {
    reports.push({
      level: 'warning',
      check: 'login',
      message: `${state.name} inherits the rights of ${inherited.join(', ')} before it switches to a role`,
      advice: `alter role ${state.name} noinherit; and from PostgreSQL 16 on grant the roles again 'with inherit false'.`,
    });
  }
  return reports;
}

function isPowerful({ role, bypasses }: ReachedRole): boolean {
  return bypasses || role === 'service_role';
}

function shownReach({ role, through }: ReachedRole): string {
  return through === null ? role : `${role} (through ${through})`;
}

/** 'cdb init' revokes what was granted to the login; what was granted to its roles is not its to revoke. */
function adviceFor(beyond: readonly ReachedRole[], own: readonly string[]): string {
  const revokes = beyond
    .filter(({ through, first }) => through !== null && own.includes(first))
    .map(({ role, through }) => `revoke ${role} from ${through};`);
  const ofLogin = beyond.some(({ first }) => !own.includes(first));
  return [...revokes, ...(ofLogin ? [RUN_INIT] : [])].join(' ');
}

function holdings(state: LoginState): readonly Report[] {
  if (state.holdings.length === 0) return [];
  const some = state.holdings.slice(0, 5).join(', ');
  const more = state.holdings.length > 5 ? ` and ${state.holdings.length - 5} more` : '';
  return [
    {
      level: 'warning',
      check: 'login',
      message: `${state.name} itself owns or has grants on ${some}${more}`,
      advice: `Revoke its grants, and give what it owns to another role. It should have only the rights of its roles.`,
    },
  ];
}
