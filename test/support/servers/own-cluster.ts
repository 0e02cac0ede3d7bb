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
import { endProcess, isRunning, runInChroot, startInChroot } from '../../../stack/chroot-process.ts';
import { createLogins, giveToPostgres, INSIDE, TLS, writeOwned } from '../../../stack/database-cluster.ts';
import { freePorts } from '../../../stack/free-ports.ts';
import { poolerSettings } from '../../../stack/pooler-settings.ts';
import { withSession } from '../../../stack/sql-session.ts';
import {
  generatePasswords,
  type LoginName,
  type ModeUrls,
  type StackFolder,
  type StackPorts,
  stackFolder,
} from '../../../stack/stack-state.ts';
import { ensureTemplate, readBootstrap } from '../../../stack/template-database.ts';
import { BIN, poolerCommand, postgresCommand, serverSettings } from './own-server-settings.ts';

const DATABASE = 'own';
const PATIENCE_MS = 30_000;
const POOLER_MODES = ['session', 'transaction'] as const;
type PoolerMode = (typeof POOLER_MODES)[number];

export interface Standby {
  readonly pid: number;
  readonly port: number;
  readonly superuserUrl: string;
  readonly ownerUrl: string;
}

export interface OwnClusterOptions {
  /** Leads poolers and users another way to Postgres, such as through a proxy: from its port to the one that they get. */
  readonly reachedBy?: (port: number) => Promise<number>;
}

export class OwnCluster {
  readonly #folder: StackFolder;
  readonly #home: string;
  readonly #ports: StackPorts;
  readonly #passwords = generatePasswords();
  readonly #log: string;
  readonly #options: OwnClusterOptions;
  /** By which poolers and users reach Postgres. */
  #wayPort: number;
  #postgres = 0;
  #standby: Standby | undefined;
  readonly #poolers: Record<PoolerMode, number> = { session: 0, transaction: 0 };

  private constructor(folder: StackFolder, ports: StackPorts, options: OwnClusterOptions) {
    this.#folder = folder;
    this.#ports = ports;
    this.#options = options;
    this.#wayPort = ports.direct;
    this.#home = `${INSIDE}/own-${process.pid}-${randomBytes(3).toString('hex')}`;
    this.#log = join(folder.logs, 'own-clusters.log');
  }

  static async start(options: OwnClusterOptions = {}): Promise<OwnCluster> {
    const cluster = new OwnCluster(stackFolder(), await portsToKeep(), options);
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

  get superuserUrl(): string {
    return this.#url('postgres', this.#ports.direct, 'postgres');
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

  /**
   * Ends Postgres and starts it again.
   *
   * - SIGQUIT: it leaves at once, without a shutdown, and recovers from its log when it starts.
   * - SIGINT: it ends its connections in order, and shuts down.
   * - SIGKILL: only its first process is killed; the others find out by themselves.
   */
  async restartPostgres(
    strikes: () => void,
    signal: 'SIGQUIT' | 'SIGINT' | 'SIGKILL' = 'SIGQUIT',
  ): Promise<void> {
    strikes();
    await this.endPostgres(signal);
    const givenUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      this.#postgres = this.#launch(postgresCommand(`${this.#home}/data`));
      try {
        await this.#untilAnswers(this.ownerUrl, () => isRunning(this.#postgres));
        return;
      } catch (cause) {
        // Its memory is still in use while a process of the one that was killed lives.
        if (isRunning(this.#postgres) || performance.now() > givenUpAt) throw cause;
      }
    }
  }

  async endPostgres(signal: NodeJS.Signals): Promise<void> {
    await endProcess(this.#folder.rootfs, this.#postgres, signal);
  }

  /** Resolves when Postgres is reached by each of the three ways. */
  async untilAllAnswer(): Promise<void> {
    for (const mode of ['direct', ...POOLER_MODES] as const) await this.#untilAnswers(this.user[mode]);
  }

  /** A second server, which follows the first: no commit is answered before this one has it. */
  async startStandby(): Promise<Standby> {
    const { rootfs } = this.#folder;
    const port = this.#ports.transaction + 1;
    const data = `${this.#home}/standby`;
    const copy = [
      `${BIN}/pg_basebackup`,
      `--pgdata=${data}`,
      '--write-recovery-conf',
      '--checkpoint=fast',
      '--no-sync',
      '--host=127.0.0.1',
      `--port=${this.#ports.direct}`,
      '--username=postgres',
    ];
    const environment = { PGPASSWORD: this.#passwords.postgres };
    await runInChroot({ rootfs, user: 'postgres', command: copy, environment }, this.#log);
    const pid = this.#launch([...postgresCommand(data), '-c', `port=${port}`]);
    const superuserUrl = this.#url('postgres', port, 'postgres');
    this.#standby = { pid, port, superuserUrl, ownerUrl: this.#url('cdb_admin', port) };
    await this.#untilAnswers(superuserUrl);
    await withSession(this.superuserUrl, async ({ query }) => {
      await query("alter system set synchronous_standby_names = '*'");
      await query('select pg_reload_conf()');
    });
    return this.#standby;
  }

  async stop(): Promise<void> {
    const { rootfs } = this.#folder;
    const { session, transaction } = this.#poolers;
    const all = [session, transaction, this.#standby?.pid ?? 0, this.#postgres].filter((pid) => pid !== 0);
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
    this.#postgres = this.#launch(postgresCommand(data));
    this.#wayPort = (await this.#options.reachedBy?.(this.#ports.direct)) ?? this.#ports.direct;
    const superuser = this.superuserUrl;
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
        ports: { ...this.#ports, direct: this.#wayPort },
        folder: this.#home,
        poolSize: 16,
        further: {
          max_client_conn: 200,
          admin_users: 'cdb_pooler_admin',
          client_tls_sslmode: 'allow',
          client_tls_ca_file: `${TLS}/ca.crt`,
          client_tls_cert_file: `${TLS}/server.crt`,
          client_tls_key_file: `${TLS}/server.key`,
        },
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
    const { session, transaction } = this.#ports;
    return {
      direct: this.#url(login, this.#wayPort),
      session: this.#url(login, session),
      transaction: this.#url(login, transaction),
    };
  }

  async #untilAnswers(url: string, isHopeful: () => boolean = () => true): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        await withSession(url, ({ query }) => query('select 1'));
        return;
      } catch (cause) {
        if (performance.now() > end || !isHopeful())
          throw new Error(`A server did not come up; see ${this.#log}`, { cause });
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
    const pid = /^own-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(inside, name), { recursive: true, force: true });
  }
}
