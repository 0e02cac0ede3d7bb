/** Takes a connection string apart for the fakes of the tests, which want addresses and logins. */
import type { Address } from './loopback-server.ts';
import type { RawLogin } from './raw-client.ts';

/** Reads `postgres://user:password@host:port/database`; the port is 5432 when left out. */
export function readConnectionUrl(connectionString: string): { address: Address; login: Required<RawLogin> } {
  const url = new URL(connectionString);
  return {
    address: { host: url.hostname, port: Number(url.port || 5432) },
    login: {
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)),
    },
  };
}

/** The same connection string by way of a proxy or fake at another address. */
export function throughAddress(connectionString: string, { host, port }: Address): string {
  const url = new URL(connectionString);
  url.hostname = host;
  url.port = String(port);
  return url.href;
}
