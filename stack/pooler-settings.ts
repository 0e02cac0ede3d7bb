import type { StackPorts } from './stack-state.ts';

interface PoolerSettings {
  readonly mode: 'session' | 'transaction';
  readonly ports: StackPorts;
  /** Where its list of users is. */
  readonly folder: string;
  /** Server connections for one login and database. */
  readonly poolSize: number;
  /** Further settings, or others than those of every pooler. */
  readonly further: Readonly<Record<string, string | number>>;
}

/**
 * The configuration file of a PgBouncer. Logins are looked up in the database `postgres`, so that logins created later
 * work immediately and no other database needs the lookup function.
 */
export function poolerSettings({ mode, ports, folder, poolSize, further }: PoolerSettings): string {
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: ports[mode],
    unix_socket_dir: '',
    pool_mode: mode,
    auth_type: 'scram-sha-256',
    auth_file: `${folder}/userlist.txt`,
    auth_user: 'cdb_pooler_lookup',
    auth_dbname: 'postgres',
    auth_query: 'select username, secret from pooler.verifier($1)',
    server_tls_sslmode: 'disable',
    default_pool_size: poolSize,
    server_login_retry: 1,
    log_connections: 0,
    log_disconnections: 0,
    log_stats: 0,
    ...further,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `[databases]
postgres = host=127.0.0.1 port=${ports.direct} dbname=postgres
* = host=127.0.0.1 port=${ports.direct}

[pgbouncer]
${lines.join('\n')}
`;
}
