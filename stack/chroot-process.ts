import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { StackError } from './stack-error.ts';

/**
 * /proc and /dev/shm are mounted in the process's own mount namespace: the machine never sees these
 * mounts, and they end with the process, however it ends.
 */
const ENTER = `
mount -t proc proc "$0/proc" &&
mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm" &&
exec chroot "$@"
`;

export interface ChrootCommand {
  readonly rootfs: string;
  readonly user: 'root' | 'postgres';
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

function start(spec: ChrootCommand, output: number, detached: boolean): ChildProcess {
  const chroot = [`--userspec=${spec.user}:${spec.user}`, spec.rootfs, ...spec.command];
  return spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', ENTER, spec.rootfs, ...chroot],
    {
      stdio: ['ignore', output, output],
      detached,
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C.UTF-8',
        ...spec.environment,
      },
    },
  );
}

/** Runs to its end. Output goes to the log file; a failure names that file. */
export async function runInChroot(spec: ChrootCommand, logFile: string): Promise<void> {
  const output = openSync(logFile, 'a');
  try {
    await finished(start(spec, output, false), spec.command[0] ?? '', logFile);
  } finally {
    closeSync(output);
  }
}

/** Runs a command of the machine itself, in its own mount namespace. */
export async function runIsolated(command: readonly string[], logFile: string): Promise<void> {
  const output = openSync(logFile, 'a');
  try {
    const child = spawn('unshare', ['--mount', '--propagation', 'private', ...command], {
      stdio: ['ignore', output, output],
      env: { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
    });
    await finished(child, command[0] ?? '', logFile);
  } finally {
    closeSync(output);
  }
}

function finished(child: ChildProcess, name: string, logFile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new StackError(`'unshare' could not be started: ${cause.message}`, { cause })),
    );
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new StackError(`'${name}' ended with ${signal ?? `code ${code}`}; see ${logFile}`));
    });
  });
}

/** Starts a server that outlives this program and returns its process id. */
export function startInChroot(spec: ChrootCommand, logFile: string): number {
  const output = openSync(logFile, 'a', 0o600);
  const child = start(spec, output, true);
  closeSync(output);
  child.unref();
  if (child.pid === undefined) throw new StackError(`'${spec.command[0]}' could not be started`);
  return child.pid;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether that process runs and lives in that root: the process id alone may belong to another program now. */
export function livesIn(rootfs: string, pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/root`) === rootfs && !isZombie(pid);
  } catch {
    return false;
  }
}

function isZombie(pid: number): boolean {
  return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** Every process of that root, including those that are in no state file. */
export function processesIn(rootfs: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => livesIn(rootfs, pid));
}

/** Sends the signal, waits, and kills what has not ended in time. */
export async function endProcess(
  rootfs: string,
  pid: number,
  signal: NodeJS.Signals,
  graceMs = 10_000,
): Promise<void> {
  if (!livesIn(rootfs, pid)) return;
  process.kill(pid, signal);
  if (await gone(rootfs, pid, graceMs)) return;
  process.kill(pid, 'SIGKILL');
  if (!(await gone(rootfs, pid, 5_000))) throw new StackError(`process ${pid} did not end after SIGKILL`);
}

/** Ends every process of that root. */
export async function endAllIn(rootfs: string): Promise<void> {
  // When a postmaster is killed, its children end by themselves, so check again.
  for (let left = processesIn(rootfs); left.length > 0; left = processesIn(rootfs)) {
    await Promise.all(left.map((pid) => endProcess(rootfs, pid, 'SIGQUIT', 3_000)));
  }
}

async function gone(rootfs: string, pid: number, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (livesIn(rootfs, pid)) {
    if (performance.now() > end) return false;
    await delay(20);
  }
  return true;
}
