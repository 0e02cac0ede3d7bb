import { parseArgs } from 'node:util';
import { type ModeUrls, sortUrls, UsageError } from './connection-urls.ts';

/** What the command line asks for. */
export interface DemoArguments {
  readonly json: boolean;
  /** Where to run; undefined for the embedded database. */
  readonly server: ServerTarget | undefined;
}

/** A real Postgres, by its logins. */
export interface ServerTarget {
  /** The login that serves users. */
  readonly users: ModeUrls;
  /** The login of the service role; undefined when it uses the users' login. */
  readonly service: ModeUrls | undefined;
  /** The owner of the database: applies migrations, removes the two accounts. */
  readonly adminUrl: string;
  /** Apply the pending migrations of supabase/migrations first. */
  readonly migrate: boolean;
  /** File with the certificate of the authority that signed the server's. */
  readonly caFile: string | undefined;
}

export const HELP = `Usage: npm run demo -- [options]

Shows what consolidated-db does, on the 1,500 largest cities of the world: two
users, an anonymous caller and the service do what they are allowed to, and are
refused what they are not.

Without options it needs no server: Postgres (PGlite) runs inside this process
and ends with it.

  --url URL          run against this Postgres; repeat it for each mode. The
                     port gives the mode (5432 direct, or session on Supabase's
                     pooler; 6543 transaction), or name it:
                     --url transaction=postgres://user:password@host:7000/app
  --service-url URL  login of the service role, in the same form; without it
                     --url is used
  --admin-url URL    owner of the database; without it the direct or session
                     --url is used
  --migrate          apply the pending migrations of supabase/migrations to that
                     database first, and leave them there
  --ca FILE          PEM file with the certificate authority of the server's
                     certificate
  --json             print one JSON document instead of the table
  --help             print this help

On a real Postgres it adds two accounts to auth.users with their profiles, trips,
searches, API keys and sessions, and those of the 1,500 places that
public.destinations does not have yet. At the end, and when it is interrupted, it
removes what it added. It changes none of your rows, and no table without
--migrate. It leaves out the audit and the policy that ends: they would leave
traces for good.

Other users of this machine can see the command line. They cannot see the
environment variables CDB_DEMO_URL, CDB_DEMO_SERVICE_URL (lists, separated by
spaces) and CDB_DEMO_ADMIN_URL.

Exit codes: 0 all steps went as expected, 1 a step did not, 2 usage error.`;

const OPTIONS = {
  url: { type: 'string', multiple: true },
  'service-url': { type: 'string', multiple: true },
  'admin-url': { type: 'string' },
  migrate: { type: 'boolean', default: false },
  ca: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws UsageError */
export function readArguments(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): DemoArguments | 'help' {
  const values = parse(words);
  if (values.help) return 'help';
  const users = sortUrls('--url', values.url ?? listOf(environment.CDB_DEMO_URL));
  const service = sortUrls(
    '--service-url',
    values['service-url'] ?? listOf(environment.CDB_DEMO_SERVICE_URL),
  );
  const admin = values['admin-url'] ?? environment.CDB_DEMO_ADMIN_URL;
  if (isEmpty(users)) {
    refuseWithoutUrl({ service: !isEmpty(service), admin: admin !== undefined, ...values });
    return { json: values.json, server: undefined };
  }
  const adminUrl = admin ?? users.direct ?? users.session;
  if (adminUrl === undefined) {
    throw new UsageError(
      '--admin-url is required with a transaction mode URL: management needs its own session.',
    );
  }
  return {
    json: values.json,
    server: {
      users,
      service: isEmpty(service) ? undefined : service,
      adminUrl,
      migrate: values.migrate,
      caFile: values.ca,
    },
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // parseArgs says which option; its advice on words that begin with a dash does not help here.
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

function refuseWithoutUrl(given: {
  service: boolean;
  admin: boolean;
  migrate: boolean;
  ca?: string | undefined;
}): void {
  const without = [
    given.service && '--service-url',
    given.admin && '--admin-url',
    given.migrate && '--migrate',
    given.ca !== undefined && '--ca',
  ].filter((name) => name !== false);
  if (without.length > 0) {
    throw new UsageError(
      `${without.join(' and ')} ${without.length === 1 ? 'has' : 'have'} no effect without --url.`,
    );
  }
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(/\s+/).filter((word) => word !== '');
}

function isEmpty(urls: ModeUrls): boolean {
  return Object.keys(urls).length === 0;
}
