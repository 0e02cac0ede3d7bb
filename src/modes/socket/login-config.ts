import type { ConnectionSettings } from './connection-settings.ts';
import { type TlsConfig, tlsConfig } from './tls-config.ts';

type LoginConfig = Pick<ConnectionSettings, 'host' | 'port' | 'user' | 'database'> & {
  readonly password: string;
  readonly ssl: false | TlsConfig;
};

/** Where and as whom the driver logs in. */
export function loginConfig(settings: ConnectionSettings, password: string): LoginConfig {
  const { host, port, user, database } = settings;
  return { host, port, user, database, password, ssl: tlsConfig(settings.tls) };
}

/**
 * The parameters of the startup packet: none of the PG* variables of this process, which the driver would send to the server
 * as settings. Poolers refuse or ignore most of them.
 */
export function startupParameters(
  { user, database, applicationName }: ConnectionSettings,
  further: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { user, database, application_name: applicationName, ...further };
}
