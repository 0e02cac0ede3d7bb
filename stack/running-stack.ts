import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endAllIn, endProcess, isRunning, livesIn, startInChroot } from './chroot-process.ts';
import {
  configureServer,
  createCluster,
  createLogins,
  finishCluster,
  hasCluster,
  POSTGRES_COMMAND,
  publishAuthority,
} from './database-cluster.ts';
import { withLock } from './folder-lock.ts';
import { freePorts } from './free-ports.ts';
import { configurePoolers, poolerCommand } from './poolers.ts';
import {
  buildRootFilesystem,
  isRootFilesystemReady,
  removeRootFilesystem,
  unmountBelow,
} from './root-filesystem.ts';
import { quoteName, withSession } from './sql-session.ts';
import { StackError } from './stack-error.ts';
import {
  DEFAULT_SETTINGS,
  forgetState,
  generatePasswords,
  type LoginName,
  readSecrets,
  readState,
  STACK_PROCESSES,
  type StackFolder,
  type StackProcess,
  type StackSecrets,
  type StackSettings,
  type StackState,
  writeSecrets,
  writeState,
} from './stack-state.ts';
import { ensureTemplate, giveToOwner, readBootstrap } from './template-database.ts';

export const TEMPLATE_DATABASE = 'cdb_template';
/** Databases of tests start with this; those that a crashed test run left are dropped at the next start. */
export const TEST_DATABASE_PREFIX = 'cdb_test_';

export type Step = (text: string) => void;

/** Starts the stack unless it is running. Only settings that are given can restart a running one. */
export async function bringUp(
  folder: StackFolder,
  wanted: Partial<StackSettings>,
  step: Step,
): Promise<{ readonly state: StackState; readonly started: boolean }> {
  mkdirSync(folder.logs, { recursive: true });
  return await withLock(folder, async () => {
    const known = readState(folder);
    const settings = { ...DEFAULT_SETTINGS, ...wanted };
    if (known !== undefined && isAlive(folder, known) && (await answers(known))) {
      const kept = { ...known.settings, ...wanted };
      if (JSON.stringify(kept) === JSON.stringify(known.settings)) {
        await prepareDatabases(known.superuser, known.owner);
        return { state: known, started: false };
      }
      step('restarting with other settings');
      await stopProcesses(folder, known);
      return { state: await start(folder, kept, step), started: true };
    }
    if (known !== undefined) step('removing a stack that no longer answers');
    await clearAway(folder);
    return { state: await start(folder, settings, step), started: true };
  });
}

/** The database of the printed URLs, which their owner can migrate, and the one that tests clone. */
async function prepareDatabases(superuser: string, owner: string): Promise<void> {
  await giveToOwner(superuser, decodeURIComponent(new URL(owner).username));
  await ensureTemplate({ admin: superuser, owner }, TEMPLATE_DATABASE);
}

/** Stops everything; `purge` also deletes the folder's contents. */
export async function takeDown(folder: StackFolder, purge: boolean): Promise<void> {
  if (!existsSync(folder.path)) return;
  await withLock(folder, async () => {
    const known = readState(folder);
    if (known !== undefined) await stopProcesses(folder, known);
    await clearAway(folder);
    if (!purge) return;
    removeRootFilesystem(folder);
    for (const left of [folder.secretsFile, folder.logs, join(folder.path, 'ca.crt')]) {
      rmSync(left, { recursive: true, force: true });
    }
  });
  // The user may have chosen the folder, so only what the stack created was deleted.
  if (purge && readdirSync(folder.path).length === 0) rmdirSync(folder.path);
}

async function start(folder: StackFolder, settings: StackSettings, step: Step): Promise<StackState> {
  if (!isRootFilesystemReady(folder)) await buildRootFilesystem(folder, step);
  const isNew = readSecrets(folder) === undefined || !hasCluster(folder);
  const before = readSecrets(folder);
  const secrets: StackSecrets = {
    passwords: isNew || before === undefined ? generatePasswords() : before.passwords,
    ports: await freePorts(before?.ports),
  };
  writeSecrets(folder, secrets);
  if (isNew) {
    step('creating the database cluster');
    await createCluster(folder, secrets);
  }
  configureServer(folder, secrets.ports.direct, settings);
  configurePoolers(folder, secrets.ports, settings, secrets);

  step('starting PostgreSQL and PgBouncer');
  const logs = logFiles(folder);
  const url = (login: LoginName, port: number, database = 'postgres') =>
    `postgres://${login}:${encodeURIComponent(secrets.passwords[login])}@127.0.0.1:${port}/${database}`;
  const modeUrls = (login: LoginName) => ({
    direct: url(login, secrets.ports.direct),
    session: url(login, secrets.ports.session),
    transaction: url(login, secrets.ports.transaction),
  });
  const launch = (name: StackProcess, command: readonly string[]) =>
    startInChroot({ rootfs: folder.rootfs, user: 'postgres', command }, logs[name]);

  const superuser = url('postgres', secrets.ports.direct);
  const owner = url('cdb_admin', secrets.ports.direct);
  const postgres = launch('postgres', POSTGRES_COMMAND);
  await untilAnswers(superuser, postgres, logs.postgres);
  if (isNew) {
    // The roles of Supabase come first: the logins become members of them.
    await withSession(superuser, ({ query }) => query(readBootstrap().text));
    await createLogins(superuser, owner, secrets);
    finishCluster(folder);
  }
  await dropLeftovers(superuser);
  await prepareDatabases(superuser, owner);

  const state: StackState = {
    startedAt: new Date().toISOString(),
    settings,
    ports: secrets.ports,
    pids: {
      postgres,
      'pgbouncer-session': launch('pgbouncer-session', poolerCommand('session')),
      'pgbouncer-transaction': launch('pgbouncer-transaction', poolerCommand('transaction')),
    },
    logs,
    caFile: publishAuthority(folder),
    templateDatabase: TEMPLATE_DATABASE,
    superuser,
    owner,
    user: modeUrls('cdb_user'),
    service: modeUrls('cdb_service'),
    consoles: {
      session: url('cdb_pooler_admin', secrets.ports.session, 'pgbouncer'),
      transaction: url('cdb_pooler_admin', secrets.ports.transaction, 'pgbouncer'),
    },
  };
  for (const mode of ['session', 'transaction'] as const) {
    const name = `pgbouncer-${mode}` as const;
    await untilAnswers(state.user[mode], state.pids[name], logs[name]);
  }
  writeState(folder, state);
  return state;
}

export function isAlive(folder: StackFolder, state: StackState): boolean {
  return STACK_PROCESSES.every((name) => livesIn(folder.rootfs, state.pids[name]));
}

async function answers(state: StackState): Promise<boolean> {
  const urls = [state.superuser, state.user.session, state.user.transaction];
  const asked = await Promise.allSettled(
    urls.map((url) => withSession(url, ({ query }) => query('select 1'))),
  );
  return asked.every(({ status }) => status === 'fulfilled');
}

async function untilAnswers(url: string, pid: number, log: string): Promise<void> {
  const end = performance.now() + 60_000;
  for (;;) {
    try {
      await withSession(url, ({ query }) => query('select 1'));
      return;
    } catch (cause) {
      if (!isRunning(pid) || performance.now() > end) {
        throw new StackError(`a server did not start; see ${log}`, { cause });
      }
      await delay(25);
    }
  }
}

async function stopProcesses(folder: StackFolder, state: StackState): Promise<void> {
  // SIGQUIT: PgBouncer ends immediately. SIGINT: Postgres ends its sessions and writes everything to disk.
  await Promise.all(
    (['pgbouncer-session', 'pgbouncer-transaction'] as const).map((name) =>
      endProcess(folder.rootfs, state.pids[name], 'SIGQUIT'),
    ),
  );
  await endProcess(folder.rootfs, state.pids.postgres, 'SIGINT', 20_000);
}

async function clearAway(folder: StackFolder): Promise<void> {
  await endAllIn(folder.rootfs);
  unmountBelow(folder.path);
  rmSync(join(folder.rootfs, 'var/lib/cdb/data/postmaster.pid'), { force: true });
  forgetState(folder);
}

async function dropLeftovers(superuser: string): Promise<void> {
  await withSession(superuser, async ({ query }) => {
    const left = await query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1) or starts_with(datname, $2)',
      [TEST_DATABASE_PREFIX, `${TEMPLATE_DATABASE}_`],
    );
    for (const { datname } of left) await query(`drop database if exists ${quoteName(datname)} with (force)`);
  });
}

function logFiles(folder: StackFolder): Record<StackProcess, string> {
  const file = (name: StackProcess) => join(folder.logs, `${name}.log`);
  return {
    postgres: file('postgres'),
    'pgbouncer-session': file('pgbouncer-session'),
    'pgbouncer-transaction': file('pgbouncer-transaction'),
  };
}
