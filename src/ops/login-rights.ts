import type { LintFinding } from './lint-finding.ts';
import type { LoginState, ReachedRole } from './login-state.ts';

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

/** What a login may that it should not, and what it lacks. */
export function loginFindings(state: LoginState, purpose: LoginPurpose): readonly LintFinding[] {
  return [...attributes(state), ...reach(state, purpose), ...holdings(state)];
}

function attributes(state: LoginState): readonly LintFinding[] {
  const has: readonly (readonly [boolean, LintFinding['code'], LintFinding['level'], string])[] = [
    [state.superuser, 'login_bypasses_rls', 'error', 'is a superuser: it bypasses row level security'],
    [state.bypassRls, 'login_bypasses_rls', 'error', 'has BYPASSRLS: it bypasses row level security'],
    [state.replication, 'login_bypasses_rls', 'error', 'has REPLICATION: it can read everything'],
    [state.createRole, 'login_has_attributes', 'warning', 'has CREATEROLE: it can create logins'],
    [state.createDb, 'login_has_attributes', 'warning', 'has CREATEDB'],
  ];
  return has
    .filter(([is]) => is)
    .map(([, code, level, what]) => ({
      code,
      level,
      object: state.name,
      message: `${state.name} ${what}`,
      advice: RUN_INIT,
    }));
}

function reach(state: LoginState, purpose: LoginPurpose): readonly LintFinding[] {
  if (state.superuser) return [];
  const held = new Set(state.reach.filter(({ maySet }) => maySet).map(({ role }) => role));
  const missing = ROLES[purpose].filter((role) => !held.has(role));
  const beyond = state.reach.filter(({ role }) => !ROLES[purpose].includes(role));
  const inherited = state.reach.filter(({ inherits }) => inherits).map(({ role }) => role);
  const findings: LintFinding[] = [];
  if (missing.length > 0) {
    findings.push({
      level: 'error',
      object: state.name,
      code: 'login_lacks_roles',
      message: `${state.name} may not become ${missing.join(', ')}: statements cannot run as this role`,
      advice: ROLES[OTHER[purpose]].some((role) => held.has(role))
        ? SWAPPED
        : missing.map((role) => `grant ${role} to ${state.name};`).join(' '),
    });
  }
  if (beyond.length > 0) {
    findings.push({
      level: purpose === 'user' && beyond.some(isPowerful) ? 'error' : 'warning',
      object: state.name,
      code: 'login_may_become_others',
      message: `${state.name} may also become ${beyond.map(shownReach).join(', ')}: raw SQL of a user could switch to it`,
      advice: adviceFor(beyond, ROLES[purpose]),
    });
  }
  if (inherited.length > 0) {
    findings.push({
      level: 'warning',
      object: state.name,
      code: 'login_inherits_rights',
      message: `${state.name} inherits the rights of ${inherited.join(', ')} before it switches to a role`,
      advice: `alter role ${state.name} noinherit; and from PostgreSQL 16 on grant the roles again 'with inherit false'.`,
    });
  }
  return findings;
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

function holdings(state: LoginState): readonly LintFinding[] {
  if (state.holdings.length === 0) return [];
  const some = state.holdings.slice(0, 5).join(', ');
  const more = state.holdings.length > 5 ? ` and ${state.holdings.length - 5} more` : '';
  return [
    {
      level: 'warning',
      object: state.name,
      code: 'login_has_grants',
      message: `${state.name} itself owns or has grants on ${some}${more}`,
      advice: `Revoke its grants, and give what it owns to another role. It should have only the rights of its roles.`,
    },
  ];
}
