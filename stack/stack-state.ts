import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** One URL for each way to the same database. */
export interface ModeUrls {
  readonly direct: string;
  readonly session: string;
  readonly transaction: string;
}

/** What the caller of `stack/up.ts` may choose. */
export interface StackSettings {
  /** Postgres waits for the disk, as in production. Off: faster tests. */
  readonly durable: boolean;
  /** Server connections of each pooler for one login and database. */
  readonly poolSize: number;
  /** PgBouncer's `max_prepared_statements` in transaction mode; 0: named statements fail there. */
  readonly preparedStatements: number;
}

export const DEFAULT_SETTINGS: StackSettings = { durable: false, poolSize: 8, preparedStatements: 0 };

/** Created with the database cluster, and kept as long as it exists. */
export interface StackSecrets {
  readonly passwords: Readonly<Record<LoginName, string>>;
  /** Kept so that URLs stay the same from one start to the next, if the ports are free. */
  readonly ports: StackPorts;
}

export const LOGIN_NAMES = [
  'postgres',
  'cdb_admin',
  'cdb_user',
  'cdb_service',
  'cdb_pooler_admin',
  'cdb_pooler_lookup',
] as const;
export type LoginName = (typeof LOGIN_NAMES)[number];

export interface StackPorts {
  readonly direct: number;
  readonly session: number;
  readonly transaction: number;
}

/** A running stack. The file is readable by its owner only, because the URLs contain passwords. */
export interface StackState {
  readonly startedAt: string;
  readonly settings: StackSettings;
  readonly ports: StackPorts;
  readonly pids: Readonly<Record<StackProcess, number>>;
  readonly logs: Readonly<Record<StackProcess, string>>;
  /** Certificate authority of the servers, PEM. */
  readonly caFile: string;
  /** A database with bootstrap.sql applied, to clone from. */
  readonly templateDatabase: string;
  /** Superuser, direct. */
  readonly superuser: string;
  /** Owner of the databases, direct: what `postgres` is on Supabase. */
  readonly owner: string;
  readonly user: ModeUrls;
  readonly service: ModeUrls;
  /** The poolers' own consoles (`show pools`), simple protocol only. */
  readonly consoles: { readonly session: string; readonly transaction: string };
}

export const STACK_PROCESSES = ['postgres', 'pgbouncer-session', 'pgbouncer-transaction'] as const;
export type StackProcess = (typeof STACK_PROCESSES)[number];

export interface StackFolder {
  readonly path: string;
  readonly rootfs: string;
  readonly logs: string;
  readonly stateFile: string;
  readonly secretsFile: string;
  readonly lockFile: string;
}

const projectRoot = resolve(import.meta.dirname, '..');

/** `.cache/stack` of the project, or the folder that `CDB_STACK_DIR` names. */
export function stackFolder(environment: NodeJS.ProcessEnv = process.env): StackFolder {
  const named = environment.CDB_STACK_DIR;
  const path = named === undefined || named === '' ? join(projectRoot, '.cache', 'stack') : resolve(named);
  return {
    path,
    rootfs: join(path, 'rootfs'),
    logs: join(path, 'logs'),
    stateFile: join(path, 'state.json'),
    secretsFile: join(path, 'secrets.json'),
    lockFile: join(path, 'lock'),
  };
}

export function readState(folder: StackFolder): StackState | undefined {
  return readJson<StackState>(folder.stateFile);
}

export function writeState(folder: StackFolder, state: StackState): void {
  writePrivate(folder.stateFile, state);
}

export function forgetState(folder: StackFolder): void {
  rmSync(folder.stateFile, { force: true });
}

export function readSecrets(folder: StackFolder): StackSecrets | undefined {
  return readJson<StackSecrets>(folder.secretsFile);
}

export function writeSecrets(folder: StackFolder, secrets: StackSecrets): void {
  writePrivate(folder.secretsFile, secrets);
}

export function generatePasswords(): StackSecrets['passwords'] {
  const passwords = {} as Record<LoginName, string>;
  for (const name of LOGIN_NAMES) passwords[name] = randomBytes(24).toString('base64url');
  return passwords;
}

/** The same login and server, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}

export function withoutPassword(url: string): string {
  const changed = new URL(url);
  if (changed.password !== '') changed.password = '***';
  return changed.href;
}

function readJson<T>(file: string): T | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
}

function writePrivate(file: string, value: unknown): void {
  // Written to another file and renamed, so that a reader never sees half of it.
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(aside, file);
}
