import type postgres from 'postgres';
import { type ConnectionSettings, tlsConfig } from '../../modes/index.ts';

/** What every connection that listens has in common. `postgres` makes one connection with it. */
export function listeningLogin(settings: ConnectionSettings): postgres.Options<Record<string, never>> {
  const tls = tlsConfig(settings.tls);
  return {
    host: settings.host,
    port: settings.port,
    user: settings.user,
    database: settings.database,
    // With the host, or the certificate of an address would be looked at as one of `localhost`.
    ssl: tls === false ? false : { ...tls, host: settings.host },
    max: 1,
    fetch_types: false,
    prepare: false,
    // `postgres` prints notices of the server otherwise.
    onnotice: () => undefined,
    connection: { application_name: settings.applicationName },
  };
}
