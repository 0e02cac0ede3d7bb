import {
  decodedPart,
  deriveUrls,
  isSupabasePooler,
  type ModeUrls,
  type NameOfUrl,
  parseUrl,
} from '../modes/index.ts';

/** The administrator's connection, as it was found to be. */
export interface AdminPlace {
  readonly url: string;
  /** What the URL reaches: a pooler's URL is not given out as a direct one. */
  readonly mode: keyof ModeUrls;
  /** The role in the database; behind Supavisor the URL has the tenant after it, as in `postgres.tenant`. */
  readonly user: string;
}

/**
 * Where a login connects, mode by mode, from URLs of another login: the administrator's, and those of poolers
 * where there are any. Behind Supavisor the tenant (on Supabase the project ref) stays behind the user's name; on
 * Supabase one URL gives both modes.
 *
 * @param nameOf - what messages call the given URLs
 * @throws ConfigurationError `INVALID_URL`.
 */
export function loginUrls(
  admin: AdminPlace,
  poolers: ModeUrls,
  login: string,
  password: string,
  nameOf: NameOfUrl = (mode) => mode,
): ModeUrls {
  const given = (name: keyof ModeUrls): string | undefined =>
    poolers[name] ?? (name === admin.mode ? admin.url : undefined);
  const { direct, session, transaction } = deriveUrls(
    { direct: given('direct'), session: given('session'), transaction: given('transaction') },
    nameOf,
  );
  const withLogin = (mode: keyof ModeUrls, url: string | undefined) =>
    url === undefined
      ? undefined
      : { [mode]: urlOfLogin(nameOf(mode), parseUrl(nameOf(mode), url), admin.user, login, password) };
  return {
    ...withLogin('direct', direct),
    ...withLogin('session', session),
    ...withLogin('transaction', transaction),
  };
}

function urlOfLogin(name: string, url: URL, adminUser: string, login: string, password: string): string {
  const parsed = new URL(url);
  parsed.username = encodeURIComponent(`${login}${tenantOf(name, parsed, adminUser)}`);
  parsed.password = encodeURIComponent(password);
  return parsed.href;
}

/** With its dot; empty where the URL's user is a role and nothing more. */
function tenantOf(name: string, url: URL, adminUser: string): string {
  const user = decodedPart(name, url.username);
  if (user.startsWith(`${adminUser}.`)) return user.slice(adminUser.length);
  return isSupabasePooler(url.hostname) ? (/\.[a-z0-9]+$/.exec(user)?.[0] ?? '') : '';
}
