import { isIP } from 'node:net';
import { ConfigurationError } from '../../contract/errors.ts';
import type { PasswordSource } from '../../contract/password.ts';

/** How TLS is used. `verify` checks the certificate's chain and name. */
export type TlsSettings =
  | { readonly kind: 'off' }
  | { readonly kind: 'verify'; readonly ca: string | undefined }
  | { readonly kind: 'unverified' };

/** Where a mode connects to. The password is not enumerable: it does not appear in logs and dumps. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly tls: TlsSettings;
  readonly applicationName: string;
  readonly password: string;
  /** Gives it instead, for each connection. */
  readonly passwordSource: PasswordSource | undefined;
}

export interface TlsOptions {
  /** PEM text of the certificate authority that signed the server's certificate, such as Supabase's own. */
  readonly ca?: string;
}

const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…`.
 *
 * TLS is verified, except on loopback addresses and Unix sockets, where it is off unless the URL asks for it.
 * `sslmode=no-verify` encrypts without checking the certificate. Other parameters are refused, because poolers
 * drop or refuse most of them.
 */
export function parseConnectionUrl(
  name: string,
  url: string,
  applicationName: string,
  tls: TlsOptions = {},
  passwordSource?: PasswordSource,
): ConnectionSettings {
  const parsed = parseUrl(name, url);
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw invalidUrl(name, "contains an invalid percent-encoding; write a plain '%' as '%25'");
    }
  };
  const host = decode(parsed.hostname.replace(/^\[|\]$/g, ''));
  if (host === '') throw invalidUrl(name, 'has no host');
  const user = decode(parsed.username);
  if (user === '') throw invalidUrl(name, 'has no user');
  if (passwordSource !== undefined && parsed.password !== '') {
    throw invalidUrl(
      name,
      "has a password, and there is a function 'password' too: only one of them can give it",
    );
  }
  const database = decode(parsed.pathname.slice(1)) || user;
  for (const key of parsed.searchParams.keys()) {
    // `pgbouncer=true` is in URLs that Supabase's dashboard shows for other clients. It is ignored here.
    if (key !== 'sslmode' && key !== 'pgbouncer') {
      throw invalidUrl(name, `has the parameter '${key}'; only sslmode is allowed`);
    }
  }
  const settings = {
    host,
    port: parsed.port === '' ? 5432 : Number(parsed.port),
    user,
    database,
    tls: tlsOf(name, parsed.searchParams.get('sslmode'), host, tls),
    applicationName,
    passwordSource,
  };
  return Object.defineProperty(settings as ConnectionSettings, 'password', {
    value: decode(parsed.password),
    enumerable: false,
  });
}

/** Throws ConfigurationError `INVALID_URL`, which names the option and contains no part of the URL. */
export function parseUrl(name: string, url: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // Without the text, which may contain a password.
    throw invalidUrl(name, 'is not a valid URL; percent-encode special characters in the password');
  }
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') {
    throw invalidUrl(name, `starts with '${parsed.protocol}'; it must start with postgres: or postgresql:`);
  }
  return parsed;
}

function tlsOf(name: string, sslmode: string | null, host: string, options: TlsOptions): TlsSettings {
  const verify: TlsSettings = { kind: 'verify', ca: options.ca };
  switch (sslmode) {
    case null:
      return isLoopback(host) && options.ca === undefined ? { kind: 'off' } : verify;
    case 'disable':
      return { kind: 'off' };
    case 'no-verify':
      return { kind: 'unverified' };
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return verify;
    default:
      throw invalidUrl(name, `has sslmode '${sslmode}'; it must be one of ${SSL_MODES.join(', ')}`);
  }
}

/** This machine itself: a loopback address, or a folder of Unix sockets. */
export function isLoopback(host: string): boolean {
  return (
    host.startsWith('/') ||
    host.toLowerCase() === 'localhost' ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}

export function invalidUrl(name: string, what: string): ConfigurationError {
  return new ConfigurationError(`The connection URL '${name}' ${what}.`, {
    code: 'INVALID_URL',
    hint: 'postgres://user:password@host:port/database',
  });
}
