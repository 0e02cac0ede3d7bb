/// <reference lib="esnext.disposable" preserve="true" />
import { randomUUID } from 'node:crypto';
import { checkOptions, wholeNumber } from '../consolidated/compile/check-options.ts';
import { type Clock, systemClock } from '../contract/clock.ts';
import { ConfigurationError, DatabaseError, UsageError } from '../contract/errors.ts';
import { quotedName } from '../contract/quoted-name.ts';
import { isPooled, openAdminConnection, type RemoteAdminConnection } from '../modes/index.ts';
import type { AdminQueries } from './admin-queries.ts';
import { ensureTemplate, type TemplateOptions } from './template-database.ts';
import { testServer } from './test-server.ts';

/** Options of `clonedDatabase`. */
export interface ClonedDatabaseOptions {
  /**
   * A direct connection as a login that may create databases, which will own the clone. Never through a pooler: it would keep
   * its connections to the template, which cannot be cloned then.
   */
  readonly adminUrl: string;
  /** The name of a database that there is, or what to make one of. */
  readonly template: string | TemplateOptions;
  /** Takes a server on another machine too. @defaultValue false: the URL must lead to this one */
  readonly allowRemote?: boolean | undefined;
  /** How long to wait for the template while others use it or make it. @defaultValue 30_000 */
  readonly timeoutMs?: number | undefined;
}

/** A database of its own for one file of tests. */
export interface ClonedTestDatabase extends AdminQueries, AsyncDisposable {
  readonly name: string;
  /** The name of the database that it was cloned from. */
  readonly template: string;
  /** As the login of `adminUrl`: for `createDatabaseService`, `rollbackDatabase`, and for code that brings its own driver. */
  readonly url: string;
  /** Another URL of the same server, leading to this database: that of another login, or of a pooler. */
  urlOf(url: string): string;
  /** Closes its own connection, ends all others, and drops the database. */
  drop(): Promise<void>;
}

const OPTIONS = {
  method: 'clonedDatabase',
  names: new Set(['adminUrl', 'template', 'allowRemote', 'timeoutMs']),
};
const IN_USE = '55006';
const RETRY_MS = 50;

/**
 * Clones a database: once per file of tests, for what must be committed.
 *
 * With `template: { migrations }` the template is made of a folder of SQL files, once for all workers and runs: its name
 * holds a hash of their content, so a changed file makes another one.
 *
 * @throws ConfigurationError `REMOTE_TEST_DATABASE`, `MISPLACED_URL`; DatabaseError of a migration that fails; TimeoutError
 *
 * @example
 * ```ts
 * const database = await clonedDatabase({ adminUrl, template: { migrations: 'supabase/migrations' } });
 * const db = createDatabaseService<Database>({ direct: database.url });
 * afterAll(async () => {
 *   await db.close();
 *   await database.drop();
 * });
 * ```
 */
export async function clonedDatabase(options: ClonedDatabaseOptions): Promise<ClonedTestDatabase> {
  checkOptions(options, OPTIONS);
  const { adminUrl, template, allowRemote = false } = options;
  const timeoutMs = wholeNumber(options.timeoutMs ?? 30_000, 'timeoutMs', 1);
  if (typeof adminUrl !== 'string') throw new UsageError("The option 'adminUrl' must be a URL.");
  testServer('adminUrl', adminUrl, allowRemote);
  const clock = systemClock;
  const deadline = clock.now() + timeoutMs;
  await using admin = await openTestConnection(adminUrl, clock);
  await admin.query("select pg_catalog.set_config('lock_timeout', $1, false)", [`${timeoutMs}ms`]);
  const source =
    typeof template === 'string'
      ? template
      : await ensureTemplate(admin, template, (name) =>
          openTestConnection(inDatabase(adminUrl, name), clock),
        );
  const name = `cdb_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const create = `create database ${quotedName(name)} template ${quotedName(source)}`;
  for (;;) {
    try {
      await admin.query(create);
      break;
    } catch (error) {
      const isInUse = error instanceof DatabaseError && error.sqlState === IN_USE;
      if (!isInUse || clock.now() >= deadline) throw error;
      await new Promise<void>((resolve) => void clock.schedule(resolve, RETRY_MS));
    }
  }
  return new Clone(adminUrl, name, source, clock);
}

class Clone implements ClonedTestDatabase {
  readonly name: string;
  readonly template: string;
  readonly url: string;
  readonly #adminUrl: string;
  readonly #clock: Clock;
  #connection: Promise<RemoteAdminConnection> | undefined;

  constructor(adminUrl: string, name: string, template: string, clock: Clock) {
    this.name = name;
    this.template = template;
    this.url = inDatabase(adminUrl, name);
    this.#adminUrl = adminUrl;
    this.#clock = clock;
  }

  urlOf(url: string): string {
    return inDatabase(url, this.name);
  }

  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    this.#connection ??= openTestConnection(this.url, this.#clock);
    return (await this.#connection).query<Row>(text, values);
  }

  async drop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    // One that could not be opened has nothing to close, and whoever asked for it was told.
    await connection?.then((open) => open.close()).catch(() => undefined);
    await using admin = await openTestConnection(this.#adminUrl, this.#clock);
    await admin.query(`drop database if exists ${quotedName(this.name)} with (force)`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drop();
  }
}

/** A connection of the login of the tests, to Postgres itself. */
async function openTestConnection(
  url: string,
  clock: Clock,
): Promise<RemoteAdminConnection & AsyncDisposable> {
  const connection = await openAdminConnection({ url, name: 'adminUrl', clock });
  const [row] = await connection.query<{ backend: number }>('select pg_catalog.pg_backend_pid() as backend');
  if (row === undefined || isPooled(connection.processId, row.backend)) {
    await connection.close();
    throw new ConfigurationError(
      "The URL of the option 'adminUrl' leads to a pooler, not to Postgres itself.",
      {
        code: 'MISPLACED_URL',
        hint: 'A pooler keeps connections to the template, which then cannot be cloned.',
      },
    );
  }
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

function inDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(name)}`;
  return changed.href;
}
