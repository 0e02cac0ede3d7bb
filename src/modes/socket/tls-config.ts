import type { TlsSettings } from './connection-settings.ts';

export interface TlsConfig {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
}

/** TLS settings in the form of Node's `tls.connect`, to which the drivers pass them. */
export function tlsConfig(tls: TlsSettings): false | TlsConfig {
  if (tls.kind === 'off') return false;
  if (tls.kind === 'unverified') return { rejectUnauthorized: false };
  return { rejectUnauthorized: true, ...(tls.ca !== undefined && { ca: tls.ca }) };
}
