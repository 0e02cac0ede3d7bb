import type { Clock } from '../../contract/clock.ts';
import { ConfigurationError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { Batch, CallLimits, ConnectionMode, OneConnection } from '../../contract/mode.ts';
import { followedNames } from '../../modes/index.ts';
import { type TextPlan, textPlan } from '../values/text-plan.ts';
import { checkNames } from './name-check.ts';
import { checkUrl } from './url-check.ts';

/**
 * What the login of a mode can do on its own. `session_user` stays the login, whatever role the
 * batch uses.
 */
const LOGIN_FACTS = `select pg_catalog.json_build_object(
  'login', session_user,
  'backend', pg_catalog.pg_backend_pid(),
  'superuser', r.rolsuper,
  'bypassesRls', r.rolbypassrls,
  'inherits', exists (
    select from pg_catalog.pg_roles s where s.oid <> r.oid and pg_catalog.pg_has_role(r.oid, s.oid, 'USAGE')
  ),
  'owns', exists (
    select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relowner = r.oid and c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_'
  ),
  'granted', exists (
    select from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname !~ '^(pg_|information_schema$)'
    left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attacl is not null
    cross join lateral (
      select grantee from pg_catalog.aclexplode(c.relacl)
      union all
      select grantee from pg_catalog.aclexplode(a.attacl)
    ) g
    where g.grantee = r.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
  ),
  'mayBecome', (
    select pg_catalog.json_agg(s.rolname) from pg_catalog.pg_roles s
    where (s.rolsuper or s.rolbypassrls or s.rolname = 'service_role')
      and s.rolname <> session_user and pg_catalog.pg_has_role(session_user, s.oid, 'MEMBER')
  ))::pg_catalog.text
from pg_catalog.pg_roles r where r.rolname = session_user`;

const PLAN = textPlan(LOGIN_FACTS);
const BACKEND = textPlan('select pg_catalog.pg_backend_pid()::pg_catalog.text');

interface LoginFacts {
  readonly login: string;
  /** The server process that answers. */
  readonly backend: number;
  readonly superuser: boolean;
  readonly bypassesRls: boolean;
  /** It has the rights of its roles without SET ROLE, so a batch without its set-up would not fail. */
  readonly inherits: boolean;
  /** Owners bypass row level security. */
  readonly owns: boolean;
  /** A table or column is granted to the login itself, so a batch without its set-up would not fail. */
  readonly granted: boolean;
  /** Roles that bypass row level security and that the login is a member of. */
  readonly mayBecome: readonly string[] | null;
}

interface LoginPolicy {
  readonly production: boolean;
  /** The service role shares this login. */
  readonly sharedLogin: boolean;
  readonly onWarning: (message: string) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly pooledStatements: 'unnamed' | 'named';
  /** The option that holds the URL of the mode. */
  readonly option: string;
}

/**
 * Checks a mode before its first statement: that its URL leads to what the mode is made for, and what its login can do,
 * because raw SQL that runs as a user can switch to every role that its login may become.
 *
 * @throws ConfigurationError `MISPLACED_URL`, `NAMES_NOT_FOLLOWED`; `PRIVILEGED_LOGIN` in production
 */
export async function checkLogin(
  mode: ConnectionMode,
  actor: Actor,
  limits: CallLimits,
  policy: LoginPolicy,
): Promise<void> {
  const ask = async (
    { plan, read }: TextPlan,
    connection: OneConnection,
    names?: 'named',
  ): Promise<string> => {
    const batch: Batch = {
      // For all who wait, so it does not end with the token of whoever came first: nobody's rows are read.
      actor: { ...actor, expiresAt: undefined },
      access: 'read',
      statements: [{ plan, values: [] }],
      statementTimeoutMs: 0,
    };
    const replies = await connection.run(batch, names);
    return read(replies[0])[0] ?? '';
  };
  await mode.onOneConnection(limits, async (connection) => {
    const facts = JSON.parse(await ask(PLAN, connection)) as LoginFacts;
    const backendOf = async (asked: OneConnection) => Number(await ask(BACKEND, asked));
    await checkUrl({ ...policy, mode, limits, backendOf }, connection, facts.backend);
    judge(facts, mode, actor, policy);
    if (mode.name === 'transaction' && policy.pooledStatements === 'named')
      await checkNames(policy.option, () =>
        ask(textPlan(followedNames(policy.random())), connection, 'named'),
      );
  });
}

function judge(facts: LoginFacts, mode: ConnectionMode, actor: Actor, policy: LoginPolicy): void {
  // The service's own login exists only to become the service role.
  const isService = actor.kind === 'service' && !policy.sharedLogin;
  const further = (facts.mayBecome ?? []).filter((role) => !isService || role !== 'service_role');
  const faults = [
    facts.superuser && 'is a superuser',
    facts.bypassesRls && 'bypasses row level security',
    facts.inherits && !facts.superuser && 'inherits the rights of its roles',
    facts.owns && !facts.superuser && 'owns tables',
    facts.granted && !facts.owns && !facts.superuser && 'has its own rights on tables',
    further.length > 0 && !facts.superuser && `may become ${further.join(', ')}`,
  ].filter((fault) => fault !== false);
  if (faults.length === 0) return;
  const message = `The login "${facts.login}" of the mode '${mode.name}' ${faults.join(', ')}.`;
  const hint = "'cdb init' creates least-privileged logins and prints their URLs.";
  if (policy.production) throw new ConfigurationError(message, { code: 'PRIVILEGED_LOGIN', hint });
  policy.onWarning(`${message} Raw SQL could use these rights. ${hint}`);
}
