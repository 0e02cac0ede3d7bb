import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { describe, it } from 'vitest';
import { quoteName, withSession } from '../../stack/sql-session.ts';
import { type ModeUrls, withDatabase } from '../../stack/stack-state.ts';
import { ensureTemplate, hashOf, readBootstrap, readMigrations } from '../../stack/template-database.ts';
import { type FullStack, findFullStack } from './find-full-stack.ts';

export type { FullStack };

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** As a superuser where the stack has one. Direct. */
  readonly adminUrl: string;
  readonly ownerUrl: string;
  readonly user: ModeUrls;
  readonly service: ModeUrls;
  /** Runs as the owner, who is not held back by row level security. Several statements only without values. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
  /** Ends this object's own connections. The database stays. */
  close(): Promise<void>;
  /** Ends every connection to the database, the poolers' too, and drops it. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** @defaultValue a new name, of those that the next start of the stack drops if they are left behind */
  readonly name?: string;
  /** Applies supabase/migrations, as the owner. */
  readonly migrated?: boolean;
  /** Runs after all else, as the owner. */
  readonly sql?: string;
}

/** What vitest's reporter finds on the describe blocks of this file. */
declare module 'vitest' {
  interface TaskMeta {
    stack?: 'full';
    leftOut?: string;
  }
}

const found = await findFullStack(process.env);

/** The stack, or nothing when there is none or it does not answer. Asked once, when this file is loaded. */
export function fullStack(): FullStack | undefined {
  return found.stack;
}

/**
 * `describe` for what needs the full stack. Without it one skipped entry says so; with
 * `CDB_REQUIRE_FULL_STACK=1` that entry fails.
 *
 * @example
 * ```ts
 * describeFullStack('direct mode', () => {
 *   let database: TestDatabase;
 *   beforeAll(async () => {
 *     database = await createTestDatabase({ sql: 'create table notes (id int)' });
 *   });
 *   afterAll(() => database.drop());
 * });
 * ```
 */
export function describeFullStack(name: string, fn: (stack: FullStack) => void): void {
  const { stack, missing } = found;
  if (stack !== undefined) {
    describe(name, { meta: { stack: 'full' } }, () => fn(stack));
    return;
  }
  describe(name, () => {
    if (process.env.CDB_REQUIRE_FULL_STACK === '1') {
      it('has the full stack that CDB_REQUIRE_FULL_STACK asks for', () => {
        throw new Error(missing);
      });
    } else {
      it.skip(`left out: ${missing}`, { meta: { stack: 'full', leftOut: missing } }, () => {});
    }
  });
}

/**
 * A fresh database, cloned from a template in about 0.1 s. Throws without the full stack.
 *
 * @example
 * ```ts
 * await using database = await createTestDatabase({ migrated: true });
 * ```
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const stack = found.stack;
  if (stack === undefined) throw new Error(found.missing);
  const template = await ensureCurrentTemplate(stack, options.migrated ?? false);
  const name = options.name ?? `cdb_test_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
  const owner = decodeURIComponent(new URL(stack.owner).username);
  await withSession(stack.admin, ({ query }) =>
    query(`create database ${quoteName(name)} template ${quoteName(template)} owner ${quoteName(owner)}`),
  );
  const database = new ClonedDatabase(stack, name);
  if (options.sql !== undefined) {
    try {
      await database.query(options.sql);
    } catch (error) {
      await database.drop();
      throw error;
    }
  }
  return database;
}

/** A database that `createTestDatabase` made before, under a name that was given. Throws without the full stack. */
export function openTestDatabase(name: string): TestDatabase {
  if (found.stack === undefined) throw new Error(found.missing);
  return new ClonedDatabase(found.stack, name);
}

class ClonedDatabase implements TestDatabase {
  readonly name: string;
  readonly adminUrl: string;
  readonly ownerUrl: string;
  readonly user: ModeUrls;
  readonly service: ModeUrls;
  readonly #stackAdmin: string;
  readonly #pool: pg.Pool;

  constructor(stack: FullStack, name: string) {
    this.name = name;
    this.adminUrl = withDatabase(stack.admin, name);
    this.ownerUrl = withDatabase(stack.owner, name);
    this.user = inDatabase(stack.user, name);
    this.service = inDatabase(stack.service, name);
    this.#stackAdmin = stack.admin;
    this.#pool = new pg.Pool({ connectionString: this.ownerUrl, max: 2, application_name: 'cdb-test' });
    // An idle connection may be ended by what a test does to the server.
    this.#pool.on('error', () => {});
  }

  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    const result = await (values === undefined
      ? this.#pool.query(text)
      : this.#pool.query(text, [...values]));
    return result.rows as Row[];
  }

  async close(): Promise<void> {
    if (!this.#pool.ended) await this.#pool.end();
  }

  async drop(): Promise<void> {
    await this.close();
    await withSession(this.#stackAdmin, ({ query }) =>
      query(`drop database if exists ${quoteName(this.name)} with (force)`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drop();
  }
}

/**
 * Named by what is in it, and by who owns what bootstrap.sql made, so that a changed file makes another one
 * while tests still clone the old.
 */
async function ensureCurrentTemplate(stack: FullStack, migrated: boolean): Promise<string> {
  const migrations = migrated ? readMigrations() : [];
  const admin = { name: 'admin', text: new URL(stack.admin).username };
  const name = `cdb_template_${hashOf([readBootstrap(), ...migrations, admin])}`;
  await ensureTemplate(stack, name, migrations);
  return name;
}

function inDatabase(urls: ModeUrls, name: string): ModeUrls {
  return {
    direct: withDatabase(urls.direct, name),
    session: withDatabase(urls.session, name),
    transaction: withDatabase(urls.transaction, name),
  };
}
