import { PINS, quoted } from './set-up.ts';

/**
 * What is known of the settings that `reset all` returns to on a connection.
 *
 * `asked`: the connection asked for the pins when it was opened, and its first batch finds out whether the server follows.
 * `pinned`: it does. `other`: it does not, or was not asked: each batch sets the pins itself.
 */
export type SessionDefaults = 'asked' | 'pinned' | 'other';

/**
 * The pins as `options` of the startup packet. There they take precedence over what the database and the login define, so
 * that `reset all` returns to them, and a batch need not set them again: that takes the server 8 of 50 us.
 */
export function startupOptions(searchPath: string): string {
  return defaultsOf(searchPath)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}

/** Answers `pinned` or `other`, behind a `reset all`. Whatever is between us and the server may have dropped the options. */
export const DEFAULTS_CHECK =
  "select case when array(select pg_catalog.current_setting(pg_catalog.unnest($1::pg_catalog.text[]), true)) operator(pg_catalog.=) $2::pg_catalog.text[] then 'pinned' else 'other' end";

/** Values of that check in the order of its parameters. */
export function defaultsCheckValues(searchPath: string): readonly [names: string, values: string] {
  const defaults = defaultsOf(searchPath);
  const names = defaults.map(([name]) => quoted(name));
  const values = defaults.map(([, value]) => quoted(value));
  return [`{${names.join(',')}}`, `{${values.join(',')}}`];
}

function defaultsOf(searchPath: string): readonly (readonly [name: string, value: string])[] {
  return [...PINS, ['search_path', searchPath]];
}
