import { ConnectionError, type DatabaseError } from '../../contract/errors.ts';
import type { ServerMessage } from '../wire/messages.ts';
import { translateServerError } from '../wire/server-errors.ts';

const UNKNOWN_CA = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
]);

/** Why a connection could not be opened. Nothing was sent, so the outcome is always `not-applied`. */
export function translateConnectError(
  cause: unknown,
  where: string,
  caHint = "Download the project's CA certificate and pass its PEM text in the option 'tls: { ca }'.",
): DatabaseError {
  if (isServerMessage(cause)) {
    const error = translateServerError(cause, { access: 'read' });
    return error.sqlState === '57P01' || error.code === 'CONNECTION_LOST'
      ? new ConnectionError(`The server at ${where} closed the connection while it was being opened.`, {
          code: 'CONNECT_FAILED',
          sqlState: error.sqlState,
        })
      : error;
  }
  const error = cause instanceof Error ? cause : new Error('unknown');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (UNKNOWN_CA.has(code)) {
    return new ConnectionError(`The certificate of ${where} is signed by an unknown certificate authority.`, {
      code: 'TLS_UNKNOWN_CA',
      hint: caHint,
      cause: error,
    });
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'CERT_HAS_EXPIRED') {
    return new ConnectionError(`The certificate of ${where} is invalid (${code}).`, {
      code: 'TLS_INVALID_CERTIFICATE',
      cause: error,
    });
  }
  if (error.message.includes('does not support SSL')) {
    return new ConnectionError(`The server at ${where} does not support TLS.`, {
      code: 'TLS_NOT_OFFERED',
      hint: "If you trust the network, add '?sslmode=disable' to the URL. The option 'production' refuses it, except on this machine.",
    });
  }
  if (/SASL|SCRAM|password must be a string/i.test(error.message)) {
    return new ConnectionError(`The login at ${where} failed: the password is missing or was refused.`, {
      code: 'LOGIN_REFUSED',
    });
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ConnectionError(`The host of ${where} could not be resolved.`, {
      code: 'HOST_NOT_FOUND',
      hint: "Supabase's direct host has IPv6 addresses only, unless the project has the IPv4 add-on: use the session pooler.",
      cause: error,
    });
  }
  return new ConnectionError(`Could not connect to ${where}${code === '' ? '' : ` (${code})`}.`, {
    code: 'CONNECT_FAILED',
    cause: error,
  });
}

export function connectTimedOut(where: string, ms: number): DatabaseError {
  return new ConnectionError(`Could not connect to ${where} within ${ms} ms.`, { code: 'CONNECT_TIMEOUT' });
}

function isServerMessage(cause: unknown): cause is ServerMessage {
  return (
    typeof cause === 'object' && cause !== null && 'severity' in cause && typeof cause.severity === 'string'
  );
}
