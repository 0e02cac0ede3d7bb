import { readFile } from 'node:fs/promises';
import { systemClock } from '../contract/clock.ts';
import { openAdminConnection, type RemoteAdminConnection, type TlsOptions } from '../modes/index.ts';
import { UsageError } from './exit-code.ts';

/** The arguments of every command that connects to a database as its administrator. */
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
    description: "PEM file with the certificate authority of the server's certificate (or CDB_TLS_CA)",
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
  use: (connection: RemoteAdminConnection) => Promise<T>,
): Promise<T> {
  const { url, name } = adminUrl(args);
  const connection = await openAdminConnection({ url, name, tls: await tlsFrom(args), clock: systemClock });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

/** The administrator's URL, and its name for messages. */
export function adminUrl(args: AdminArguments): { readonly url: string; readonly name: string } {
  if (args.url !== undefined && args.url !== '') return { url: args.url, name: '--url' };
  const url = process.env.CDB_ADMIN_URL;
  if (url !== undefined && url !== '') return { url, name: 'CDB_ADMIN_URL' };
  throw new UsageError(
    'No database is configured: set CDB_ADMIN_URL, or pass --url.',
    'Supabase: Project settings, Database, connection string (direct or session pooler).',
  );
}

export async function tlsFrom(args: { readonly 'tls-ca'?: string | undefined }): Promise<TlsOptions> {
  const file = args['tls-ca'] ?? process.env.CDB_TLS_CA;
  if (file === undefined || file === '') return {};
  try {
    return { ca: await readFile(file, 'utf8') };
  } catch {
    throw new UsageError(`Could not read the certificate file '${file}'.`);
  }
}
