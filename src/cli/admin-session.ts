import { certificateText } from '../consolidated/options/certificate.ts';
import { systemClock } from '../contract/clock.ts';
import { ConfigurationError } from '../contract/errors.ts';
import { openAdminConnection, type RemoteAdminConnection, type TlsOptions } from '../modes/index.ts';
import type { SamePlace } from '../ops/pooler-probe.ts';
import { CommandLineError } from './exit-code.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** The arguments of every command that works on one database as its administrator. */
export const adminArgs = {
  url: {
    type: 'string',
    valueHint: 'postgres://…',
    description:
      'Direct or session-mode URL of the owner. A password in an argument is visible to other users of this machine. Set CDB_ADMIN_URL instead.',
  },
  'tls-ca': {
    type: 'string',
    valueHint: 'file',
    description: "Certificate authority of the server's certificate: a PEM file, or its text (or CDB_TLS_CA)",
  },
} as const;

export const directoryArg = {
  dir: {
    type: 'string',
    valueHint: 'folder',
    description: 'Folder that contains migrations/ and policies/',
    default: 'supabase',
  },
} as const;

export const jsonArg = {
  json: { type: 'boolean', description: 'Print JSON' },
} as const;

interface AdminArguments {
  readonly url?: string | undefined;
  readonly 'tls-ca'?: string | undefined;
}

/** Opens the administrator's connection for `use`, and always closes it. */
export async function withAdmin<T>(
  args: AdminArguments,
  use: (connection: RemoteAdminConnection, place: SamePlace) => Promise<T>,
): Promise<T> {
  const { url, name } = adminUrl(args);
  const tls = tlsFrom(args);
  const connection = await openAdminConnection({ url, name, tls, clock: systemClock });
  const place = { url, name, ca: tls.ca, clock: systemClock, connectTimeoutMs: CONNECT_TIMEOUT_MS };
  try {
    return await use(connection, place);
  } finally {
    await connection.close();
  }
}

/** The administrator's URL, and its name for messages. */
export function adminUrl(args: AdminArguments): { readonly url: string; readonly name: string } {
  if (args.url !== undefined && args.url !== '') return { url: args.url, name: '--url' };
  const url = process.env.CDB_ADMIN_URL;
  if (url !== undefined && url !== '') return { url, name: 'CDB_ADMIN_URL' };
  throw new CommandLineError(
    'No database is configured: set CDB_ADMIN_URL, or pass --url.',
    'Supabase: Project settings, Database, connection string (direct or session pooler).',
  );
}

export function tlsFrom(args: { readonly 'tls-ca'?: string | undefined }): TlsOptions {
  const given = args['tls-ca'] ?? process.env.CDB_TLS_CA;
  if (given === undefined || given === '') return {};
  const name = args['tls-ca'] === undefined ? 'The variable CDB_TLS_CA' : '--tls-ca';
  try {
    return { ca: certificateText(name, given) };
  } catch (error) {
    throw error instanceof ConfigurationError ? new CommandLineError(error.message, error.hint) : error;
  }
}
