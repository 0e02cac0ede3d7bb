import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BIN } from '../../../stack/database-cluster.ts';
import { stackFolder } from '../../../stack/stack-state.ts';
import type { Target } from '../../contender.ts';

export interface PgbenchOrder {
  readonly target: Target;
  readonly script: string;
  readonly variables: Readonly<Record<string, number>>;
  readonly clients: number;
  /** Whole seconds, or a number of calls of each client. */
  readonly length: { readonly seconds: number } | { readonly calls: number };
}

export interface PgbenchRun {
  /** Of one client after the other. */
  readonly calls: readonly { readonly endMs: number; readonly latencyUs: number }[];
  /** How long the process had computed at some moments. */
  readonly cpu: readonly { readonly atMs: number; readonly usedUs: number }[];
}

const PROGRAM = `${BIN}/pgbench`;
const SAMPLE_EVERY_MS = 20;

/** Why there is no pgbench, and what brings it. */
export function missingPgbench(): string | undefined {
  if (!existsSync(join(stackFolder().rootfs, PROGRAM))) return 'it comes with npm run stack:up';
  return process.getuid?.() === 0 ? undefined : 'it is in the root of the stack, which only root may enter';
}

/** Runs PostgreSQL's own pgbench, in the root of the stack, where its libraries are. */
export async function runPgbench(order: PgbenchOrder): Promise<PgbenchRun> {
  const { rootfs } = stackFolder();
  const folder = mkdtempSync(join(rootfs, 'tmp', 'cdb-pgbench-'));
  const inside = join('/tmp', basename(folder));
  try {
    // It writes its log as `postgres`.
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, 'script.sql'), order.script);
    const url = new URL(order.target.url);
    const child = spawn(
      'chroot',
      ['--userspec=postgres:postgres', rootfs, PROGRAM, ...argumentsOf(order, url, inside)],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PATH: process.env.PATH,
          LC_ALL: 'C.UTF-8',
          PGPASSWORD: decodeURIComponent(url.password),
          PGSSLMODE: 'disable',
        },
      },
    );
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    const cpu: { atMs: number; usedUs: number }[] = [];
    const sampling = setInterval(() => {
      const usedUs = computedUs(child.pid);
      if (usedUs !== undefined) cpu.push({ atMs: Date.now(), usedUs });
    }, SAMPLE_EVERY_MS);
    const [code] = await once(child, 'close').finally(() => clearInterval(sampling));
    if (code !== 0) throw new Error(`pgbench ended with ${code}: ${told.trim()}`);
    return { calls: callsIn(readFileSync(join(folder, `log.${child.pid}`), 'utf8')), cpu };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function argumentsOf(
  { target, variables, clients, length }: PgbenchOrder,
  url: URL,
  folder: string,
): readonly string[] {
  return [
    '--no-vacuum',
    // A pooler in transaction mode may not follow the names of statements.
    `--protocol=${target.mode === 'direct' ? 'prepared' : 'extended'}`,
    `--client=${clients}`,
    '--jobs=1',
    'seconds' in length ? `--time=${length.seconds}` : `--transactions=${length.calls}`,
    `--file=${folder}/script.sql`,
    '--log',
    `--log-prefix=${folder}/log`,
    ...Object.entries(variables).map(([name, value]) => `--define=${name}=${value}`),
    `--host=${url.hostname}`,
    `--port=${url.port || '5432'}`,
    `--username=${decodeURIComponent(url.username)}`,
    decodeURIComponent(url.pathname.slice(1)),
  ];
}

/** Each line: client, its number of the call, microseconds, script, and when it ended: seconds and microseconds. */
function callsIn(log: string): PgbenchRun['calls'] {
  return log
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, , latencyUs, , seconds, us] = line.split(' ').map(Number);
      return { endMs: seconds! * 1e3 + us! / 1e3, latencyUs: latencyUs! };
    });
}

/** Of the first thread of the process, which with `--jobs=1` is all of it. Undefined when it has ended. */
function computedUs(pid: number | undefined): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e3;
  } catch {
    return undefined;
  }
}
