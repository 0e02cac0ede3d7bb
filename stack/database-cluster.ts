import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { runInChroot } from './chroot-process.ts';
import { quoteName, quoteText, withSession } from './sql-session.ts';
import type { StackFolder, StackSecrets, StackSettings } from './stack-state.ts';

/** The path inside the root. */
export const INSIDE = '/var/lib/cdb';
export const DATA = `${INSIDE}/data`;
export const TLS = `${INSIDE}/tls`;
/** Where PostgreSQL's programs are inside the root. */
export const BIN = '/usr/lib/postgresql/17/bin';

export const POSTGRES_COMMAND: readonly string[] = [`${BIN}/postgres`, '-D', DATA];

export function hasCluster(folder: StackFolder): boolean {
  return existsSync(join(folder.rootfs, DATA, 'cdb-ready'));
}

/** Creates an empty cluster with a superuser and a certificate. What was there before is deleted. */
export async function createCluster(folder: StackFolder, secrets: StackSecrets): Promise<void> {
  const log = join(folder.logs, 'build.log');
  const home = join(folder.rootfs, INSIDE);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeOwned(folder, `${INSIDE}/password`, secrets.passwords.postgres);
  giveToPostgres(folder, INSIDE, 0o700);
  const initdb = [
    `${BIN}/initdb`,
    `--pgdata=${DATA}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    `--pwfile=${INSIDE}/password`,
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ];
  await runInChroot({ rootfs: folder.rootfs, user: 'postgres', command: initdb }, log);
  rmSync(join(home, 'password'));
  await runInChroot(
    { rootfs: folder.rootfs, user: 'postgres', command: ['sh', '-ec', MAKE_CERTIFICATES] },
    log,
  );
}

/** Marks the cluster as complete: without the mark the next start creates it again. */
export function finishCluster(folder: StackFolder): void {
  writeFileSync(join(folder.rootfs, DATA, 'cdb-ready'), '');
}

/** Copies the authority's certificate to where people may read it. */
export function publishAuthority(folder: StackFolder): string {
  const target = join(folder.path, 'ca.crt');
  writeFileSync(target, readFileSync(join(folder.rootfs, TLS, 'ca.crt')), { mode: 0o644 });
  return target;
}

const MAKE_CERTIFICATES = `
umask 077
mkdir -p ${TLS} && cd ${TLS}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=cdb test authority' \\
  -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign' -keyout ca.key -out ca.crt
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=localhost' -keyout server.key -out server.csr
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\nextendedKeyUsage=serverAuth\\n' > server.ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile server.ext -out server.crt
`;

export function configureServer(folder: StackFolder, port: number, settings: StackSettings): void {
  const onOff = settings.durable ? 'on' : 'off';
  writeOwned(
    folder,
    `${DATA}/postgresql.auto.conf`,
    `# Written at every start.
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
jit = off
fsync = ${onOff}
synchronous_commit = ${onOff}
full_page_writes = ${onOff}
password_encryption = 'scram-sha-256'
ssl = on
ssl_cert_file = '${TLS}/server.crt'
ssl_key_file = '${TLS}/server.key'
search_path = '"$user", public, extensions'
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d %a '
log_connections = off
`,
  );
  writeOwned(
    folder,
    `${DATA}/pg_hba.conf`,
    'host all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n',
  );
}

/**
 * The logins, as `cdb init` makes them on a real project: the owner creates the two least-privileged ones, so
 * that it may alter them later.
 */
export async function createLogins(
  superuserUrl: string,
  ownerUrl: string,
  secrets: StackSecrets,
): Promise<void> {
  const { passwords } = secrets;
  await withSession(superuserUrl, async ({ query }) => {
    await query(`
      create role cdb_admin login createrole createdb bypassrls password ${quoteText(passwords.cdb_admin)};
      grant anon, authenticated, service_role to cdb_admin with admin option;
      grant pg_monitor, pg_signal_backend to cdb_admin;
      ${POOLER_LOOKUP}
      alter role cdb_pooler_lookup password ${quoteText(passwords.cdb_pooler_lookup)};
    `);
  });
  await withSession(ownerUrl, async ({ query }) => {
    for (const [login, roles] of [
      ['cdb_user', 'anon, authenticated'],
      ['cdb_service', 'service_role'],
    ] as const) {
      await query(`create role ${quoteName(login)} login noinherit password ${quoteText(passwords[login])}`);
      await query(`grant ${roles} to ${quoteName(login)} with inherit false, set true`);
    }
  });
}

/** What the poolers may query: the password verifier of one login, never a superuser's. */
const POOLER_LOOKUP = `
  create role cdb_pooler_lookup login noinherit;
  create schema pooler;
  create function pooler.verifier(login text) returns table (username text, secret text)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select rolname::text, rolpassword from pg_authid
    where rolname = login and rolcanlogin and not rolsuper and (rolvaliduntil is null or rolvaliduntil > now())
  $$;
  revoke all on function pooler.verifier(text) from public;
  grant usage on schema pooler to cdb_pooler_lookup;
  grant execute on function pooler.verifier(text) to cdb_pooler_lookup;
`;

export function writeOwned(folder: StackFolder, inside: string, text: string): void {
  writeFileSync(join(folder.rootfs, inside), text, { mode: 0o600 });
  giveToPostgres(folder, inside, 0o600);
}

export function giveToPostgres(folder: StackFolder, inside: string, mode: number): void {
  // The package gave its own user this folder: its owner is the number that `postgres` has inside.
  const owner = statSync(join(folder.rootfs, 'var/lib/postgresql'));
  chownSync(join(folder.rootfs, inside), owner.uid, owner.gid);
  chmodSync(join(folder.rootfs, inside), mode);
}
