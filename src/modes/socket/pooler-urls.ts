import { decodedPart, invalidUrl, parseUrl } from './connection-settings.ts';

const POOLER_HOST = /\.pooler\.supabase\.com$/;
const SESSION_PORT = '5432';
const TRANSACTION_PORT = '6543';

/** True for a host of Supabase's pooler, where the port gives the mode and the user name contains the project. */
export function isSupabasePooler(hostname: string): boolean {
  return POOLER_HOST.test(hostname);
}

export interface ModeUrls {
  readonly direct?: string | undefined;
  readonly session?: string | undefined;
  readonly transaction?: string | undefined;
}

/** What messages call the URL of a mode, such as `service.session`. */
export type NameOfUrl = (mode: keyof ModeUrls) => string;

/**
 * Refuses a URL of Supavisor whose port belongs to another mode: named statements through transaction mode
 * would run other clients' SQL.
 */
export function assertPortOf(mode: 'direct' | 'session' | 'transaction', name: string, url: string): void {
  const { hostname, port } = parseUrl(name, url);
  if (!isSupabasePooler(hostname)) return;
  const isTransactionPort = port === TRANSACTION_PORT;
  if (isTransactionPort === (mode === 'transaction')) return;
  throw invalidUrl(
    name,
    isTransactionPort
      ? `must not use port ${TRANSACTION_PORT}, which is the pooler's transaction mode`
      : `must use port ${TRANSACTION_PORT}, which is the pooler's transaction mode`,
  );
}

/**
 * Adds the URLs that can be derived from the given ones: Supavisor uses port 5432 for session mode and port 6543
 * of the same host for transaction mode. `direct: 'derive'` also adds the project's own host. It has only IPv6
 * addresses unless the project has the IPv4 add-on, so it is added only on request.
 *
 * @throws ConfigurationError `INVALID_URL`
 */
export function deriveUrls(given: ModeUrls, nameOf: NameOfUrl = (mode) => mode): ModeUrls {
  const pooler = given.session ?? given.transaction;
  const poolerName = nameOf(given.session === undefined ? 'transaction' : 'session');
  const parsed = pooler === undefined ? undefined : parseUrl(poolerName, pooler);
  if (parsed === undefined || !isSupabasePooler(parsed.hostname)) {
    if (given.direct === 'derive') {
      throw invalidUrl(
        nameOf('direct'),
        "cannot be derived without a session or transaction URL of Supabase's pooler",
      );
    }
    return given;
  }
  const withPort = (port: string): string => {
    const other = new URL(parsed);
    other.port = port;
    return other.href;
  };
  return {
    direct: given.direct === 'derive' ? directUrl(parsed, poolerName, nameOf('direct')) : given.direct,
    session: given.session ?? withPort(SESSION_PORT),
    transaction: given.transaction ?? withPort(TRANSACTION_PORT),
  };
}

/** `role.ref@….pooler.supabase.com` → `role@db.ref.supabase.co`. */
function directUrl(pooler: URL, poolerName: string, name: string): string {
  const [, role, ref] = /^(.+)\.([a-z0-9]+)$/.exec(decodedPart(poolerName, pooler.username)) ?? [];
  if (role === undefined || ref === undefined) {
    throw invalidUrl(name, 'cannot be derived: the user in the pooler URL has no project ref');
  }
  const direct = new URL(pooler);
  direct.hostname = `db.${ref}.supabase.co`;
  direct.port = '5432';
  direct.username = encodeURIComponent(role);
  return direct.href;
}
