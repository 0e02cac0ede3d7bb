/**
 * A PostgreSQL and two PgBouncers of a test's own, from the root file system of the stack and beside its servers, to be
 * killed and started as one likes.
 *
 * A run connects tens of thousands of times, so passwords are hashed once instead of 4,096 times. What was committed
 * must outlive a kill of the server, though not one of the machine: `synchronous_commit` is on, and nothing waits for the
 * disk.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, isRunning, runInChroot, startInChroot } from '../../stack/chroot-process.ts';
import { createLogins, giveToPostgres, INSIDE, writeOwned } from '../../stack/database-cluster.ts';
import { freePorts } from '../../stack/free-ports.ts';
import { poolerSettings } from '../../stack/pooler-settings.ts';
import { withSession } from '../../stack/sql-session.ts';
import {
  generatePasswords,
  type LoginName,
  type ModeUrls,
  type StackFolder,
  type StackPorts,
  stackFolder,
} from '../../stack/stack-state.ts';
import { ensureTemplate, readBootstrap } from '../../stack/template-database.ts';

const BIN = '/usr/lib/postgresql/17/bin';
const DATABASE = 'outcomes';
const POOLER_MODES = ['session', 'transaction'] as const;
type PoolerMode = (typeof POOLER_MODES)[number];

export class OwnCluster {
  readonly #folder: StackFolder;
  readonly #home: string;
  readonly #ports: StackPorts;
  readonly #passwords = generatePasswords();
  readonly #log: string;
  #postgres = 0;
  readonly #poolers: Record<PoolerMode, number> = { session: 0, transaction: 0 };

  private constructor(folder: StackFolder, ports: StackPorts) {
    this.#folder = folder;
    this.#ports = ports;
    this.#home = `${INSIDE}/outcomes-${process.pid}-${randomBytes(3).toString('hex')}`;
    this.#log = join(folder.logs, 'outcomes.log');
  }

  static async start(): Promise<OwnCluster> {
    const cluster = new OwnCluster(stackFolder(), await portsToKeep());
    try {
      await cluster.#make();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get ownerUrl(): string {
    return this.#url('cdb_admin', this.#ports.direct);
  }

  /** Of the login that may become `authenticated`. */
  get user(): ModeUrls {
    return this.#urlsOf('cdb_user');
  }

  /** Of the login that may become `service_role`. */
  get service(): ModeUrls {
    return this.#urlsOf('cdb_service');
  }

  /** Of the poolers. */
  get consoles(): Readonly<Record<PoolerMode, string>> {
    const console = (mode: PoolerMode): string =>
      this.#url('cdb_pooler_admin', this.#ports[mode], 'pgbouncer');
    return { session: console('session'), transaction: console('transaction') };
  }

  /** Kills both poolers, which leaves their clients and the server with closed sockets. */
  async restartPoolers(strikes: () => void): Promise<void> {
    strikes();
    await Promise.all(
      POOLER_MODES.map((mode) => endProcess(this.#folder.rootfs, this.#poolers[mode], 'SIGKILL')),
    );
    for (const mode of POOLER_MODES) this.#poolers[mode] = this.#launch(poolerCommand(this.#home, mode));
    await this.#untilAnswers(this.user.session);
    await this.#untilAnswers(this.user.transaction);
  }

  /** SIGQUIT: the server leaves at once, without a shutdown, and recovers from its log when it starts. */
  async restartPostgres(strikes: () => void): Promise<void> {
    strikes();
    await endProcess(this.#folder.rootfs, this.#postgres, 'SIGQUIT');
    this.#postgres = this.#launch(postgresCommand(this.#home));
    await this.#untilAnswers(this.ownerUrl);
  }

  async stop(): Promise<void> {
    const { rootfs } = this.#folder;
    const all = [this.#poolers.session, this.#poolers.transaction, this.#postgres].filter((pid) => pid !== 0);
    await Promise.all(all.map((pid) => endProcess(rootfs, pid, 'SIGQUIT')));
    rmSync(join(rootfs, this.#home), { recursive: true, force: true });
  }

  async #make(): Promise<void> {
    const folder = this.#folder;
    const { rootfs } = folder;
    removeLeftovers(join(rootfs, INSIDE));
    mkdirSync(join(rootfs, this.#home), { recursive: true });
    giveToPostgres(folder, this.#home, 0o700);
    writeOwned(folder, `${this.#home}/password`, this.#passwords.postgres);
    const data = `${this.#home}/data`;
    const initdb = [
      `${BIN}/initdb`,
      `--pgdata=${data}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      `--pwfile=${this.#home}/password`,
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    ];
    await runInChroot({ rootfs, user: 'postgres', command: initdb }, this.#log);
    writeOwned(folder, `${data}/postgresql.auto.conf`, serverSettings(this.#ports.direct));
    this.#postgres = this.#launch(postgresCommand(this.#home));
    const superuser = this.#url('postgres', this.#ports.direct, 'postgres');
    const owner = this.#url('cdb_admin', this.#ports.direct, 'postgres');
    await this.#untilAnswers(superuser);
    await withSession(superuser, ({ query }) => query(readBootstrap().text));
    await createLogins(superuser, owner, { passwords: this.#passwords, ports: this.#ports });
    await ensureTemplate({ admin: superuser, owner }, DATABASE);
    writeOwned(
      folder,
      `${this.#home}/userlist.txt`,
      (['cdb_pooler_lookup', 'cdb_pooler_admin'] as const)
        .map((name) => `"${name}" "${this.#passwords[name]}"\n`)
        .join(''),
    );
    for (const mode of POOLER_MODES) {
      const settings = poolerSettings({
        mode,
        ports: this.#ports,
        folder: this.#home,
        poolSize: 16,
        further: { max_client_conn: 200, admin_users: 'cdb_pooler_admin' },
      });
      writeOwned(folder, `${this.#home}/${mode}.ini`, settings);
      this.#poolers[mode] = this.#launch(poolerCommand(this.#home, mode));
      await this.#untilAnswers(this.user[mode]);
    }
  }

  #launch(command: readonly string[]): number {
    return startInChroot({ rootfs: this.#folder.rootfs, user: 'postgres', command }, this.#log);
  }

  #url(login: LoginName, port: number, database = DATABASE): string {
    return `postgres://${login}:${encodeURIComponent(this.#passwords[login])}@127.0.0.1:${port}/${database}`;
  }

  #urlsOf(login: LoginName): ModeUrls {
    const { direct, session, transaction } = this.#ports;
    return {
      direct: this.#url(login, direct),
      session: this.#url(login, session),
      transaction: this.#url(login, transaction),
    };
  }

  async #untilAnswers(url: string): Promise<void> {
    const end = performance.now() + 30_000;
    for (;;) {
      try {
        await withSession(url, ({ query }) => query('select 1'));
        return;
      } catch (cause) {
        if (performance.now() > end) throw new Error(`A server did not come up; see ${this.#log}`, { cause });
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
  }
}

/**
 * Below those that the system gives to connections: one of these would otherwise take the port of a server that is down
 * between two starts.
 */
async function portsToKeep(): Promise<StackPorts> {
  for (;;) {
    const first = randomInt(20_000, 32_000);
    const wanted = { direct: first, session: first + 1, transaction: first + 2 };
    const free = await freePorts(wanted);
    if (free.direct === wanted.direct) return free;
  }
}

/** What runs left that were killed themselves. */
function removeLeftovers(inside: string): void {
  for (const name of readdirSync(inside)) {
    const pid = /^outcomes-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(inside, name), { recursive: true, force: true });
  }
}

function postgresCommand(home: string): readonly string[] {
  return [`${BIN}/postgres`, '-D', `${home}/data`];
}

function poolerCommand(home: string, mode: PoolerMode): readonly string[] {
  return ['/usr/sbin/pgbouncer', `${home}/${mode}.ini`];
}

function serverSettings(port: number): string {
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
password_encryption = 'scram-sha-256'
scram_iterations = 1
search_path = '"$user", public, extensions'
timezone = 'UTC'
`;
}
