import { ConfigurationError } from '../../contract/errors.ts';
import { isLoopback, parseConnectionUrl } from '../../modes/index.ts';
import type { ServiceConfig } from './parse-options.ts';
import type { LoginUrls } from './service-options.ts';

/**
 * Whoever is in the network can read along, or answer in place of a server: with keys of his own, or as the database.
 * A warning of all such URLs together; in production they are refused.
 *
 * @throws ConfigurationError `UNPROTECTED_URL` in production
 */
export function checkProtection(config: ServiceConfig): void {
  const faults = [
    ...faultsOfLogin('', config, config),
    ...faultsOfLogin('service.', config.service, config),
    ...faultsOfKeys(config),
  ];
  if (faults.length === 0) return;
  const message = `${faults.join('; ')}. Whoever is in the network can read along or answer in its place.`;
  if (config.production) {
    throw new ConfigurationError(message, {
      code: 'UNPROTECTED_URL',
      hint: "With 'production', only URLs of this machine itself may be without TLS that is verified. Use https, and the option 'tls.ca' for a certificate authority that is not public.",
    });
  }
  config.onWarning(message);
}

function faultsOfLogin(prefix: string, urls: LoginUrls | undefined, config: ServiceConfig): string[] {
  return (['direct', 'session', 'transaction'] as const).flatMap((mode) => {
    const url = urls?.[mode];
    // One that is derived has the parameters of the one that it is derived from.
    if (url === undefined || url === 'derive') return [];
    const { host, tls } = parseConnectionUrl(`${prefix}${mode}`, url, config.applicationName);
    if (isLoopback(host) || tls.kind === 'verify') return [];
    const how = tls.kind === 'off' ? 'has no TLS (sslmode=disable)' : 'verifies nothing (sslmode=no-verify)';
    return [`The URL '${prefix}${mode}' ${how}`];
  });
}

function faultsOfKeys({ jwt }: ServiceConfig): string[] {
  const given = [
    ['jwt', jwt?.jwksUrl] as const,
    ...(jwt?.sources ?? []).map(({ jwksUrl }, at) => [`jwt.sources.${at}`, jwksUrl] as const),
  ];
  return given.flatMap(([name, url]) => {
    if (url === undefined) return [];
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'http:' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return [];
    return [`The URL '${name}.jwksUrl' is http, not https`];
  });
}
