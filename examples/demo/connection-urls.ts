/** A mode that a URL can reach. */
export type UrlMode = 'direct' | 'session' | 'transaction';

export const URL_MODES: readonly UrlMode[] = ['direct', 'session', 'transaction'];

/** At most one URL for each mode. */
export type ModeUrls = { readonly [mode in UrlMode]?: string };

/** What is wrong with the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Sorts URLs by mode. A URL may name its mode (`transaction=postgres://…`). Otherwise its port gives it: 6543 is
 * Supabase's pooler in transaction mode, 5432 its session mode on a pooler's host and Postgres itself on any other.
 *
 * @param option - what messages call them, such as `--url`
 * @throws UsageError without repeating the URL, which may hold a password
 *
 * @example
 * ```ts
 * sortUrls('--url', ['postgres://app:secret@db.example.com/app', 'transaction=postgres://app:secret@pool.example.com:7000/app']);
 * // { direct: 'postgres://app:…', transaction: 'postgres://app:…' }
 * ```
 */
export function sortUrls(option: string, given: readonly string[]): ModeUrls {
  const urls: { [mode in UrlMode]?: string } = {};
  for (const [index, text] of given.entries()) {
    const { mode, url } = readUrl(given.length === 1 ? option : `${option} number ${index + 1}`, text);
    if (urls[mode] !== undefined) throw new UsageError(`${option} is given twice for the mode ${mode}.`);
    urls[mode] = url;
  }
  return urls;
}

function readUrl(name: string, text: string): { mode: UrlMode; url: string } {
  const [, label, rest] = /^([a-z]+)=(.*)$/s.exec(text) ?? [];
  const url = rest ?? text;
  const parsed = URL.parse(url);
  if (parsed === null || !['postgres:', 'postgresql:'].includes(parsed.protocol)) {
    throw new UsageError(
      `${name} is not a valid URL such as postgres://user:password@host:5432/database; percent-encode special characters in the password.`,
    );
  }
  if (label === undefined) return { mode: modeByPort(name, parsed), url };
  const mode = URL_MODES.find((each) => each === label);
  if (mode === undefined) {
    throw new UsageError(`${name} has the mode '${label}'; it must be one of ${URL_MODES.join(', ')}.`);
  }
  return { mode, url };
}

function modeByPort(name: string, url: URL): UrlMode {
  switch (url.port) {
    case '6543':
      return 'transaction';
    case '':
    case '5432':
      return url.hostname.endsWith('.pooler.supabase.com') ? 'session' : 'direct';
    default:
      throw new UsageError(
        `${name} has the port ${url.port}, which gives no mode. Name the mode: direct=…, session=… or transaction=….`,
      );
  }
}
