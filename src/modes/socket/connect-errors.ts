import { ConnectionError, type DatabaseError, type DatabaseErrorDetails } from '../../contract/errors.ts';
import type { ServerMessage } from '../wire/messages.ts';
import { translateServerError } from '../wire/server-errors.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { isSupabasePooler } from './pooler-urls.ts';

const UNKNOWN_CA = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
]);

/** Where a connection was to lead, for messages. Never its password. */
type Target = Pick<ConnectionSettings, 'host' | 'port' | 'user' | 'database' | 'source'>;

/** Why a connection could not be opened, and what was tried. Nothing was sent, so the outcome is always `not-applied`. */
export function translateConnectError(
  cause: unknown,
  target: Target,
  caHint = "Download the project's CA certificate and pass its PEM text in the option 'tls: { ca }'.",
): DatabaseError {
  if (isServerMessage(cause)) return translateRefusal(cause, target);
  const error = cause instanceof Error ? cause : new Error('unknown');
  const failed = (message: string, details: DatabaseErrorDetails) =>
    new ConnectionError(`${message} ${tried(target)}`, { cause: error, ...details });
  const where = addressOf(target);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (UNKNOWN_CA.has(code)) {
    const what = `The certificate of ${where} is signed by an unknown certificate authority.`;
    return failed(what, { code: 'TLS_UNKNOWN_CA', hint: caHint });
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'CERT_HAS_EXPIRED') {
    const what = `The certificate of ${where} is invalid (${code}).`;
    return failed(what, { code: 'TLS_INVALID_CERTIFICATE' });
  }
  if (error.message.includes('does not support SSL')) {
    return failed(`The server at ${where} does not support TLS.`, {
      code: 'TLS_NOT_OFFERED',
      hint: "If you trust the network, add '?sslmode=disable' to the URL. The option 'production' refuses it, except on this machine.",
      cause: undefined,
    });
  }
  if (/SASL|SCRAM|password must be a string/i.test(error.message)) {
    return failed(`The login at ${where} failed: the password is missing or was refused.`, {
      code: 'LOGIN_REFUSED',
      hint: 'Give the password in the URL: postgres://user:password@host:port/database.',
      cause: undefined,
    });
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const hint = isSupabaseHost(target) ? IPV6_ONLY : 'Correct the host in the URL.';
    return failed(`The host of ${where} could not be resolved.`, { code: 'HOST_NOT_FOUND', hint });
  }
  const reason = code === '' ? '' : ` (${code})`;
  return failed(`Could not connect to ${where}${reason}.`, {
    code: 'CONNECT_FAILED',
    hint: adviceFor(code, target),
  });
}

export function connectTimedOut(target: Target, ms: number): DatabaseError {
  return new ConnectionError(`Could not connect to ${addressOf(target)} within ${ms} ms. ${tried(target)}`, {
    code: 'CONNECT_TIMEOUT',
    hint: adviceFor('ETIMEDOUT', target),
  });
}

/** The server, or a pooler, answered with an error. */
function translateRefusal(cause: ServerMessage, target: Target): DatabaseError {
  const error = translateServerError(cause, { access: 'read' });
  if (error.sqlState === '57P01' || error.code === 'CONNECTION_LOST') {
    const what = `The server at ${addressOf(target)} closed the connection while it was being opened.`;
    return new ConnectionError(`${what} ${tried(target)}`, {
      code: 'CONNECT_FAILED',
      sqlState: error.sqlState,
    });
  }
  if (!OF_THE_URL.has(error.code)) return error;
  const { code, sqlState, hint } = error;
  const tenantless = isSupabasePooler(target.host) && !target.user.includes('.');
  return new ConnectionError(`${error.message} ${tried(target)}`, {
    ...{ code, sqlState },
    hint: tenantless ? WITHOUT_TENANT : hint,
  });
}

/** Codes of refusals that whoever wrote the URL has to act on. */
const OF_THE_URL: ReadonlySet<string> = new Set(['LOGIN_REFUSED', 'LOGIN_BANNED', 'NO_SUCH_DATABASE']);

const WITHOUT_TENANT =
  "The user in a URL of Supabase's pooler is the login and the project's ref, with a dot between: 'cdb_user.abcdefghijkl'.";
const IPV6_ONLY =
  "Supabase's direct host has IPv6 addresses only, unless the project has the IPv4 add-on: use the session pooler.";

function adviceFor(code: string, target: Target): string {
  if (code === 'ECONNREFUSED')
    return 'Nothing accepts connections there. Check the host and the port in the URL, and that the server runs.';
  if (isSupabaseHost(target)) return IPV6_ONLY;
  return 'Check the host and the port in the URL, and that the network lets this process through.';
}

function isSupabaseHost({ host }: Target): boolean {
  return /^db\.[a-z0-9]+\.supabase\.co$/i.test(host);
}

function addressOf({ host, port }: Target): string {
  return `${host}:${port}`;
}

function tried(target: Target): string {
  const { user, database, source } = target;
  return `Tried: the login "${user}" for the database "${database}" at ${addressOf(target)} (${source}).`;
}

function isServerMessage(cause: unknown): cause is ServerMessage {
  return (
    typeof cause === 'object' && cause !== null && 'severity' in cause && typeof cause.severity === 'string'
  );
}
