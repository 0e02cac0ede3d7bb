import { deriveUrls, isSupabasePooler, type ModeUrls, modeOfUrl } from '../modes/index.ts';

/**
 * The URLs of a login for each mode, made from URLs of another login: the administrator's, and those of poolers
 * if there are any. On Supabase's pooler the project ref stays in the user name, and one URL gives
 * both modes.
 *
 * @throws ValidationError `INVALID_URL`.
 */
export function loginUrls(
  known: ModeUrls & { readonly admin: string },
  login: string,
  password: string,
): ModeUrls {
  const mode = modeOfUrl(known.admin);
  const given = (name: keyof ModeUrls): string | undefined =>
    known[name] ?? (name === mode ? known.admin : undefined);
  return Object.fromEntries(
    Object.entries(
      deriveUrls({ direct: given('direct'), session: given('session'), transaction: given('transaction') }),
    )
      .filter((entry): entry is [string, string] => entry[1] !== undefined)
      .map(([name, url]) => [name, withLogin(url, login, password)]),
  );
}

function withLogin(url: string, login: string, password: string): string {
  const parsed = new URL(url);
  const ref = isSupabasePooler(parsed.hostname)
    ? /\.[a-z0-9]+$/.exec(decodeURIComponent(parsed.username))?.[0]
    : undefined;
  parsed.username = encodeURIComponent(`${login}${ref ?? ''}`);
  parsed.password = encodeURIComponent(password);
  return parsed.href;
}
