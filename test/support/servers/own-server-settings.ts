/** How the servers of a test's own are configured and started. */
import { TLS } from '../../../stack/database-cluster.ts';

export const BIN = '/usr/lib/postgresql/17/bin';

export function postgresCommand(data: string): readonly string[] {
  return [`${BIN}/postgres`, '-D', data];
}

export function poolerCommand(home: string, mode: 'session' | 'transaction'): readonly string[] {
  return ['/usr/sbin/pgbouncer', `${home}/${mode}.ini`];
}

export function serverSettings(port: number): string {
  return `listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
max_connections = 120
shared_buffers = 64MB
jit = off
fsync = off
synchronous_commit = on
full_page_writes = off
autovacuum = off
ssl = on
ssl_cert_file = '${TLS}/server.crt'
ssl_key_file = '${TLS}/server.key'
password_encryption = 'scram-sha-256'
scram_iterations = 1
search_path = '"$user", public, extensions'
timezone = 'UTC'
`;
}
