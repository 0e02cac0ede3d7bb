import { withSession } from '../../stack/sql-session.ts';
import { type ModeUrls, readState, stackFolder } from '../../stack/stack-state.ts';

/** The servers to test against. All URLs hold passwords: keep them out of test names and messages. */
export interface FullStack {
  readonly source: 'environment' | 'state file';
  /** A superuser where the stack has one; else the owner. Direct. */
  readonly admin: string;
  /** Owner of the test databases, no superuser: what `postgres` is on Supabase. Direct. */
  readonly owner: string;
  /** The login that may become anon and authenticated. */
  readonly user: ModeUrls;
  /** The login that may become service_role. */
  readonly service: ModeUrls;
  /** File with the certificate authority of the servers, PEM; only of the stack that this project brings up. */
  readonly caFile: string | undefined;
  /** PgBouncer's own consoles (`show pools`), simple protocol; only of the stack that this project brings up. */
  readonly consoles: { readonly session: string; readonly transaction: string } | undefined;
}

export type FoundStack =
  | { readonly stack: FullStack; readonly missing?: never }
  | { readonly stack?: never; readonly missing: string };

const ENVIRONMENT_NAMES = [
  'CDB_TEST_ADMIN_URL',
  'CDB_TEST_DIRECT_URL',
  'CDB_TEST_SESSION_URL',
  'CDB_TEST_TRANSACTION_URL',
  'CDB_TEST_SERVICE_DIRECT_URL',
  'CDB_TEST_SERVICE_SESSION_URL',
  'CDB_TEST_SERVICE_TRANSACTION_URL',
] as const;

/** Takes the environment's stack, else the one that this project brought up, if it answers. */
export async function findFullStack(environment: NodeJS.ProcessEnv): Promise<FoundStack> {
  const named = fromEnvironment(environment);
  if (typeof named === 'string') return { missing: named };
  const stack = named ?? fromStateFile(environment);
  if (stack === undefined) return { missing: 'needs the full stack, which is not up (npm run stack:up)' };
  try {
    const urls = [stack.admin, stack.user.direct, stack.user.session, stack.user.transaction];
    await Promise.all(urls.map((url) => withSession(url, ({ query }) => query('select 1'))));
    return { stack };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { missing: `needs the full stack, and the one of the ${stack.source} does not answer: ${why}` };
  }
}

/** The stack that the environment names; a text says what is wrong with it. */
function fromEnvironment(environment: NodeJS.ProcessEnv): FullStack | string | undefined {
  const missing = ENVIRONMENT_NAMES.filter((name) => (environment[name] ?? '') === '');
  if (missing.length === ENVIRONMENT_NAMES.length) return undefined;
  if (missing.length > 0) return `needs the full stack; the environment lacks ${missing.join(', ')}`;
  const url = (name: (typeof ENVIRONMENT_NAMES)[number] | 'CDB_TEST_OWNER_URL') => environment[name] ?? '';
  const owner = url('CDB_TEST_OWNER_URL');
  return {
    source: 'environment',
    admin: url('CDB_TEST_ADMIN_URL'),
    owner: owner === '' ? url('CDB_TEST_ADMIN_URL') : owner,
    user: {
      direct: url('CDB_TEST_DIRECT_URL'),
      session: url('CDB_TEST_SESSION_URL'),
      transaction: url('CDB_TEST_TRANSACTION_URL'),
    },
    service: {
      direct: url('CDB_TEST_SERVICE_DIRECT_URL'),
      session: url('CDB_TEST_SERVICE_SESSION_URL'),
      transaction: url('CDB_TEST_SERVICE_TRANSACTION_URL'),
    },
    caFile: undefined,
    consoles: undefined,
  };
}

function fromStateFile(environment: NodeJS.ProcessEnv): FullStack | undefined {
  const state = readState(stackFolder(environment));
  if (state === undefined) return undefined;
  const { superuser: admin, owner, user, service, caFile, consoles } = state;
  return { source: 'state file', admin, owner, user, service, caFile, consoles };
}
