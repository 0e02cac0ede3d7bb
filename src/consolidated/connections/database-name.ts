import { randomUUID } from 'node:crypto';
import { deriveUrls, isSupabasePooler, parseUrl } from '../../modes/index.ts';
import type { ServiceConfig } from '../options/parse-options.ts';

/**
 * Tells databases apart, for what several services keep in one place. It is of the first URL there is, of session mode,
 * transaction mode and direct connections: two services that have no URL in common may have two names for one database. An
 * embedded database has a name of its own each time.
 */
export function databaseName(
  config: Pick<ServiceConfig, 'embedded' | 'direct' | 'session' | 'transaction'>,
): string {
  if (config.embedded !== false) return randomUUID();
  const { direct, session, transaction } = config;
  const urls = deriveUrls({ direct, session, transaction });
  const [name, url] = urls.session
    ? (['session', urls.session] as const)
    : urls.transaction
      ? (['transaction', urls.transaction] as const)
      : (['direct', urls.direct ?? ''] as const);
  const { hostname, port, pathname, username } = parseUrl(name, url);
  // There the project is a part of the user.
  const project = isSupabasePooler(hostname) ? username.slice(username.lastIndexOf('.') + 1) : '';
  return JSON.stringify([hostname, port, pathname, project]);
}
