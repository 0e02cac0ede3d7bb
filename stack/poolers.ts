import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { giveToPostgres, INSIDE, TLS, writeOwned } from './database-cluster.ts';
import { poolerSettings } from './pooler-settings.ts';
import type { StackFolder, StackPorts, StackSecrets, StackSettings } from './stack-state.ts';

const FOLDER = `${INSIDE}/pgbouncer`;

export function poolerCommand(mode: 'session' | 'transaction'): readonly string[] {
  return ['/usr/sbin/pgbouncer', `${FOLDER}/${mode}.ini`];
}

/** PgBouncer twice, over the same Postgres: each mode has its own port and its own pools. */
export function configurePoolers(
  folder: StackFolder,
  ports: StackPorts,
  settings: StackSettings,
  secrets: StackSecrets,
): void {
  mkdirSync(join(folder.rootfs, FOLDER), { recursive: true });
  giveToPostgres(folder, FOLDER, 0o700);
  const { cdb_pooler_lookup: lookup, cdb_pooler_admin: admin } = secrets.passwords;
  writeOwned(
    folder,
    `${FOLDER}/userlist.txt`,
    `"cdb_pooler_lookup" "${lookup}"\n"cdb_pooler_admin" "${admin}"\n`,
  );
  for (const mode of ['session', 'transaction'] as const) {
    writeOwned(folder, `${FOLDER}/${mode}.ini`, configuration(mode, ports, settings));
  }
}

function configuration(mode: 'session' | 'transaction', ports: StackPorts, settings: StackSettings): string {
  return poolerSettings({
    mode,
    ports,
    folder: FOLDER,
    poolSize: settings.poolSize,
    further: {
      admin_users: 'cdb_pooler_admin',
      client_tls_sslmode: 'allow',
      client_tls_ca_file: `${TLS}/ca.crt`,
      client_tls_cert_file: `${TLS}/server.crt`,
      client_tls_key_file: `${TLS}/server.key`,
      max_client_conn: 500,
      max_prepared_statements: mode === 'transaction' ? settings.preparedStatements : 0,
      server_idle_timeout: 30,
    },
  });
}
