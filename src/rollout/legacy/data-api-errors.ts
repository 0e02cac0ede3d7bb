import {
  AuthenticationError,
  ConfigurationError,
  ConnectionError,
  type DatabaseError,
  NotFoundError,
  OutcomeUnknownError,
  OverloadedError,
  ServiceError,
  UsageError,
  ValidationError,
} from '../../contract/errors.ts';
import { connectionLost } from '../../contract/failures.ts';
import { own } from '../../contract/own-property.ts';
import type { DataApiFault } from './data-api-client.ts';
import type { RecordedExchange } from './recorded-fetch.ts';
import { type Access, sqlStateError } from './sql-state-errors.ts';

const SQL_STATE = /^[0-9A-Z]{5}$/;

/** The error of a call that got an answer which is one, or none at all. */
export function dataApiError(fault: DataApiFault, exchange: RecordedExchange, access: Access): DatabaseError {
  if (exchange.failure !== undefined) return networkError(exchange.failure, access);
  if (!exchange.isSent) {
    return new ConnectionError('The request to the Data API could not be made.', {
      code: 'DATA_API_UNAVAILABLE',
    });
  }
  const code = fault.code ?? '';
  const known = own(POSTGREST, code);
  if (known !== undefined) return known(fault, access);
  if (code.startsWith('PGRST3')) return tokenError(fault);
  if (code.startsWith('PGRST')) {
    return new UsageError(`The Data API refused the request (${code}): ${withoutValues(fault.message)}.`, {
      code: 'INVALID_STATEMENT',
    });
  }
  if (SQL_STATE.test(code)) return sqlStateError(fault, access);
  return gatewayError(fault, exchange, access);
}

/** These quote the request, which has values. */
function withoutValues(message: string): string {
  return message.startsWith('"failed to parse') ? 'its query cannot be parsed' : message;
}

type Translation = (fault: DataApiFault, access: Access) => DatabaseError;

const unreachable: Translation = () =>
  new ConnectionError('The Data API cannot reach its database.', { code: 'SERVER_UNAVAILABLE' });

const unknownName =
  (code: string): Translation =>
  ({ message }) =>
    // It names what the request names, which may be long.
    new UsageError(`${message.slice(0, 300)}.`, { code });

/** https://docs.postgrest.org/en/v14/references/errors.html */
const POSTGREST: Readonly<Record<string, Translation>> = {
  PGRST000: unreachable,
  PGRST001: (_fault, access) => connectionLost(access),
  PGRST002: unreachable,
  PGRST003: () =>
    new OverloadedError('The Data API has no free connection to its database.', {
      code: 'TOO_MANY_CONNECTIONS',
    }),
  PGRST102: () =>
    new ValidationError('The Data API refused the body of the request.', { code: 'INVALID_VALUE' }),
  PGRST106: () =>
    new ConfigurationError('The Data API does not expose the schema.', { code: 'UNKNOWN_SCHEMA' }),
  PGRST116: () => new NotFoundError('No row matches, or the caller may not see it.'),
  PGRST202: unknownName('UNKNOWN_FUNCTION'),
  PGRST203: unknownName('UNKNOWN_FUNCTION'),
  PGRST204: unknownName('UNKNOWN_COLUMN'),
  PGRST205: unknownName('UNKNOWN_RELATION'),
  PGRST300: () =>
    new ConfigurationError('The Data API has no key to verify tokens with.', { code: 'JWT_NOT_CONFIGURED' }),
};

/** The server's message of a token may quote it. */
function tokenError({ message }: DataApiFault): DatabaseError {
  return /\bexpired\b/i.test(message)
    ? new AuthenticationError('The token has expired.', { code: 'TOKEN_EXPIRED' })
    : new AuthenticationError('The Data API refused the token.', { code: 'TOKEN_INVALID' });
}

/** Codes of Node and undici for requests that never left. */
const NOT_SENT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

function networkError(failure: unknown, access: Access): DatabaseError {
  const { cause } = failure as { readonly cause?: { readonly code?: unknown } };
  if (NOT_SENT.has(cause?.code)) {
    return new ConnectionError('The Data API cannot be reached.', {
      code: 'DATA_API_UNAVAILABLE',
      cause: failure,
    });
  }
  return connectionLost(access, failure instanceof Error ? failure : undefined);
}

/** What stands before PostgREST has answered, or something that is no answer of either. */
function gatewayError(
  { message }: DataApiFault,
  { status, retryAfterMs }: RecordedExchange,
  access: Access,
): DatabaseError {
  if (status === 401 || status === 403) {
    return /api key/i.test(message)
      ? new ConfigurationError('The Data API refused the API key.', { code: 'API_KEY_REFUSED' })
      : new AuthenticationError('The Data API refused the caller.', { code: 'TOKEN_INVALID' });
  }
  if (status === 429) {
    return new OverloadedError('The Data API limits the rate of requests.', {
      code: 'DATA_API_LIMIT',
      retryAfterMs,
    });
  }
  if (status === 413 || status === 414 || status === 431) {
    return new ValidationError('The request is too large for the Data API.', {
      code: 'DATA_API_LIMIT',
      hint: 'Filters go in the URL: give fewer values, or call a function.',
    });
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return new ServiceError(`The Data API answered with HTTP ${status}.`, { code: 'DATA_API_UNAVAILABLE' });
  }
  const told = `The Data API gave no answer of Postgres${status === undefined ? '' : ` (HTTP ${status})`}.`;
  return access === 'write'
    ? new OutcomeUnknownError(`${told} The write may have been applied.`, {
        code: 'DATA_API_UNAVAILABLE',
        hint: 'Check whether the write was applied before you send it again.',
      })
    : new ConnectionError(told, { code: 'DATA_API_UNAVAILABLE', retryAfterMs });
}
