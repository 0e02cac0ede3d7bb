import { isIP } from 'node:net';
import { ValidationError } from '../contract/errors.ts';

/** How TLS is done. `verify` checks the certificate's chain and name. */
export type TlsSettings =
  | { readonly kind: 'off' }
  | { readonly kind: 'verify'; readonly ca: string | undefined }
  | { readonly kind: 'unverified' };

/** Where a mode connects to. The password is not enumerable: it stays out of logs and dumps. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly tls: TlsSettings;
  readonly applicationName: string;
  readonly password: string;
}

export interface TlsOptions {
  /** PEM text of the certificate authority that signed the server's certificate, such as Supabase's own. */
  readonly ca?: string;
}

const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…`.
 *
 * TLS is verified, save on loopback addresses and Unix sockets, where it is off unless the URL asks for it.
 * `sslmode=no-verify` encrypts without checking who answers. Other parameters are refused, because poolers
 * drop or refuse most of them.
 */
export function parseConnectionUrl(
  name: string,
  url: string,
  applicationName: string,
  tls: TlsOptions = {},
): ConnectionSettings {
  const parsed = parseUrl(name, url);
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw invalid(name, "holds a '%' that begins no percent-encoded character");
    }
  };
  const host = decode(parsed.hostname.replace(/^\[|\]$/g, ''));
  if (host === '') throw invalid(name, 'has no host');
  const user = decode(parsed.username);
  if (user === '') throw invalid(name, 'has no user');
  const database = decode(parsed.pathname.slice(1)) || user;
  for (const key of parsed.searchParams.keys()) {
    // `pgbouncer=true` stands in URLs that Supabase's dashboard gives out for other clients: it says nothing here.
    if (key !== 'sslmode' && key !== 'pgbouncer') {
      throw invalid(name, `has the parameter '${key}'; allowed is sslmode`);
    }
  }
  const settings = {
    host,
    port: parsed.port === '' ? 5432 : Number(parsed.port),
    user,
    database,
    tls: tlsOf(name, parsed.searchParams.get('sslmode'), host, tls),
    applicationName,
  };
  return Object.defineProperty(settings as ConnectionSettings, 'password', {
    value: decode(parsed.password),
    enumerable: false,
  });
}

function parseUrl(name: string, url: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // The text is not repeated: it may hold a password.
    throw invalid(name, 'is no URL; special characters of a password must be percent-encoded');
  }
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') {
    throw invalid(name, `starts with '${parsed.protocol}'; allowed are postgres: and postgresql:`);
  }
  return parsed;
}

function tlsOf(name: string, sslmode: string | null, host: string, options: TlsOptions): TlsSettings {
  const verify: TlsSettings = { kind: 'verify', ca: options.ca };
  switch (sslmode) {
    case null:
      return isLocal(host) && options.ca === undefined ? { kind: 'off' } : verify;
    case 'disable':
      return { kind: 'off' };
    case 'no-verify':
      return { kind: 'unverified' };
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return verify;
    default:
      throw invalid(name, `has sslmode '${sslmode}'; allowed are ${SSL_MODES.join(', ')}`);
  }
}

function isLocal(host: string): boolean {
  return (
    host.startsWith('/') ||
    host.toLowerCase() === 'localhost' ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}

function invalid(name: string, what: string): ValidationError {
  return new ValidationError(`The connection URL '${name}' ${what}.`, {
    code: 'INVALID_URL',
    hint: 'postgres://user:password@host:port/database',
  });
}

export interface ModeUrls {
  readonly direct?: string | undefined;
  readonly session?: string | undefined;
  readonly transaction?: string | undefined;
}

/**
 * Refuses a URL of Supavisor whose port belongs to another mode: named statements through transaction mode
 * would run other clients' SQL.
 */
export function assertPortOf(mode: 'direct' | 'session' | 'transaction', name: string, url: string): void {
  const { hostname, port } = parseUrl(name, url);
  if (!POOLER_HOST.test(hostname)) return;
  const isTransactionPort = port === TRANSACTION_PORT;
  if (isTransactionPort === (mode === 'transaction')) return;
  throw invalid(
    name,
    isTransactionPort
      ? `has the port ${TRANSACTION_PORT}, which is the pooler's transaction mode`
      : `has not the port ${TRANSACTION_PORT} of the pooler's transaction mode`,
  );
}

const POOLER_HOST = /\.pooler\.supabase\.com$/;
const SESSION_PORT = '5432';
const TRANSACTION_PORT = '6543';

/**
 * Adds what follows from what is given: Supavisor answers session mode on port 5432 and transaction mode
 * on 6543 of the same host. `direct: 'derive'` asks for the project's own host as well, which speaks IPv6
 * only unless the project has the IPv4 add-on; that is why it has to be asked for.
 */
export function deriveUrls(given: ModeUrls): ModeUrls {
  const pooler = given.session ?? given.transaction;
  const parsed =
    pooler === undefined
      ? undefined
      : parseUrl(given.session === undefined ? 'transaction' : 'session', pooler);
  if (parsed === undefined || !POOLER_HOST.test(parsed.hostname)) {
    if (given.direct === 'derive') {
      throw invalid(
        'direct',
        "cannot be derived: that takes a session or transaction URL of Supabase's pooler",
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
    direct: given.direct === 'derive' ? directUrl(parsed) : given.direct,
    session: given.session ?? withPort(SESSION_PORT),
    transaction: given.transaction ?? withPort(TRANSACTION_PORT),
  };
}

/** `role.ref@….pooler.supabase.com` → `role@db.ref.supabase.co`. */
function directUrl(pooler: URL): string {
  const [, role, ref] = /^(.+)\.([a-z0-9]+)$/.exec(decodeURIComponent(pooler.username)) ?? [];
  if (role === undefined || ref === undefined) {
    throw invalid('direct', "cannot be derived: the pooler URL's user has no project ref");
  }
  const direct = new URL(pooler);
  direct.hostname = `db.${ref}.supabase.co`;
  direct.port = '5432';
  direct.username = encodeURIComponent(role);
  return direct.href;
}
