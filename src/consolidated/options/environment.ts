import { ConfigurationError } from '../../contract/errors.ts';
import { certificateText } from './certificate.ts';
import type { DatabaseServiceOptions } from './service-options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The options from the environment.
 *
 * | variable | option |
 * |---|---|
 * | `CDB_DIRECT_URL`, `CDB_SESSION_URL`, `CDB_TRANSACTION_URL` | `direct`, `session`, `transaction` |
 * | `CDB_SERVICE_DIRECT_URL`, `CDB_SERVICE_SESSION_URL`, `CDB_SERVICE_TRANSACTION_URL` | `service` |
 * | `CDB_EMBEDDED` (`1`) | `embedded` |
 * | `CDB_PRODUCTION` (`1`) | `production` |
 * | `CDB_TLS_CA` (PEM text, or the path of a PEM file) | `tls.ca` |
 * | `CDB_JWT_SECRET`, `CDB_JWKS_URL` or both, `CDB_JWT_ISSUER`, `CDB_JWT_AUDIENCE` | `jwt` |
 */
export function optionsFromEnvironment(environment: Environment): DatabaseServiceOptions {
  const text = (name: string): string | undefined => {
    const value = environment[name];
    return value === undefined || value === '' ? undefined : value;
  };
  const service = {
    direct: text('CDB_SERVICE_DIRECT_URL'),
    session: text('CDB_SERVICE_SESSION_URL'),
    transaction: text('CDB_SERVICE_TRANSACTION_URL'),
  };
  const secret = text('CDB_JWT_SECRET');
  const jwksUrl = text('CDB_JWKS_URL');
  const ca = text('CDB_TLS_CA');
  return {
    direct: text('CDB_DIRECT_URL'),
    session: text('CDB_SESSION_URL'),
    transaction: text('CDB_TRANSACTION_URL'),
    ...(Object.values(service).some((url) => url !== undefined) && { service }),
    ...(flag('CDB_EMBEDDED', text('CDB_EMBEDDED')) && { embedded: true }),
    production: flag('CDB_PRODUCTION', text('CDB_PRODUCTION')),
    ...(ca !== undefined && { tls: { ca: certificateText('The variable CDB_TLS_CA', ca) } }),
    ...((secret !== undefined || jwksUrl !== undefined) && {
      jwt: { secret, jwksUrl, issuer: text('CDB_JWT_ISSUER'), audience: text('CDB_JWT_AUDIENCE') },
    }),
  };
}

function flag(name: string, value: string | undefined): boolean {
  if (value === undefined || value === '0' || value === 'false') return false;
  if (value === '1' || value === 'true') return true;
  throw new ConfigurationError(`The variable ${name} must be 1, true, 0 or false. It was '${value}'.`, {
    code: 'INVALID_OPTION',
  });
}
