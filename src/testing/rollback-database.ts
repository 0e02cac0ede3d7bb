/// <reference lib="esnext.disposable" preserve="true" />
import { checkOptions, oneOf } from '../consolidated/compile/check-options.ts';
import { user } from '../consolidated/identity/actors.ts';
import type { DatabaseServiceOptions, EmbeddedOptions } from '../consolidated/options/service-options.ts';
import { createDatabaseService } from '../consolidated/service.ts';
import type { ConsolidatedDatabaseService } from '../consolidated/typed/database-service.ts';
import type { DatabaseShape, UntypedDatabase } from '../consolidated/typed/schema-names.ts';
import { systemClock } from '../contract/clock.ts';
import { UsageError } from '../contract/errors.ts';
import type { CallLimits, ConnectionMode, IsolationLevel } from '../contract/mode.ts';
import type { AdminQueries } from './admin-queries.ts';
import { numberedSql } from './numbered-sql.ts';
import { RolledBackMode } from './rolled-back-mode.ts';
import { testServer } from './test-server.ts';

/** Options of the service that say where its connections lead. */
const OF_CONNECTIONS = [
  'direct',
  'session',
  'transaction',
  'password',
  'service',
  'embedded',
  'production',
  'pools',
  'wrapMode',
] as const satisfies readonly (keyof DatabaseServiceOptions)[];

/** Options of the service that decide nothing about connections. */
export type ServiceUnderTest = Omit<DatabaseServiceOptions, (typeof OF_CONNECTIONS)[number]>;

/** Options of `rollbackDatabase`: `url`, or `embedded`. */
export interface RollbackDatabaseOptions {
  /**
   * A direct connection as a login that may take every role: the owner of the database, such as Supabase's `postgres`, or a
   * superuser. Never through a pooler.
   */
  readonly url?: string | undefined;
  /** PGlite instead of a server. */
  readonly embedded?: true | EmbeddedOptions | undefined;
  /** Of the transaction around each test. One inside it may ask for no more. @defaultValue 'read committed' */
  readonly isolation?: IsolationLevel | undefined;
  /** Further options of the service. */
  readonly service?: ServiceUnderTest | undefined;
  /** Takes a server on another machine too. @defaultValue false: the URL must lead to this one */
  readonly allowRemote?: boolean | undefined;
}

/**
 * A service over one connection, in a transaction that is never committed.
 *
 * `query` runs as the login, in the same transaction: to seed what no identity may insert.
 */
export interface RollbackDatabase<DB extends DatabaseShape<DB> = UntypedDatabase>
  extends AdminQueries,
    AsyncDisposable {
  /** The service. Its handles of all identities share the transaction. */
  readonly db: ConsolidatedDatabaseService<DB>;
  /** Begins a level, to which the next `rollback` returns. Levels nest. */
  begin(): Promise<void>;
  /** Undoes everything since the last `begin`; without one, everything. */
  rollback(): Promise<void>;
  /** Rolls back, and closes the connection. */
  close(): Promise<void>;
}

const OPTIONS = {
  method: 'rollbackDatabase',
  names: new Set(['url', 'embedded', 'isolation', 'service', 'allowRemote']),
};
const ISOLATIONS = ['read committed', 'repeatable read', 'serializable'] as const;
/** Of begin and rollback. */
const PATIENCE_MS = 10_000;

/**
 * Makes a service for tests, whose writes are all rolled back. Seed before the first `begin` what every test of the file is to
 * find. Statements run as in production: compiled, as their identity, with its role and claims. `docs/testing.md` tells
 * what differs.
 *
 * @throws ConfigurationError, as `createDatabaseService`; `REMOTE_TEST_DATABASE` for a server on another machine
 *
 * @example
 * ```ts
 * const database = rollbackDatabase<Database>({ url: process.env.TEST_DATABASE_URL });
 * beforeAll(() => seed(database));
 * beforeEach(() => database.begin());
 * afterEach(() => database.rollback());
 * afterAll(() => database.close());
 *
 * it('shows Ana her trips', async () => {
 *   expect(await database.db.as(ana).count('trips')).toBe(2);
 * });
 * ```
 */
export function rollbackDatabase<DB extends DatabaseShape<DB> = UntypedDatabase>(
  options: RollbackDatabaseOptions,
): RollbackDatabase<DB> {
  checkOptions(options, OPTIONS);
  const { url, embedded, service = {}, allowRemote = false } = options;
  checkService(service);
  const isolation = oneOf(options.isolation, 'isolation', ISOLATIONS) ?? 'read committed';
  if ((url === undefined) === (embedded === undefined)) {
    throw new UsageError("rollbackDatabase needs either 'url' or 'embedded'.", { code: 'INVALID_OPTION' });
  }
  const clock = service.clock ?? systemClock;
  let mode: RolledBackMode | undefined;
  const wrapMode = (inner: ConnectionMode): ConnectionMode => {
    mode = new RolledBackMode(inner, isolation, clock);
    return mode;
  };
  const login = url === undefined ? 'postgres' : testServer('url', url, allowRemote).user;
  const db = createDatabaseService<DB>({
    // One login for all roles is what these tests need, so its warning tells nobody anything.
    onWarning: () => undefined,
    ...service,
    ...(url === undefined ? { embedded: embedded ?? true } : { direct: url }),
    // The second connection is for the check of the login alone.
    pools: { direct: { max: 2 } },
    roles: [...(service.roles ?? []), login],
    wrapMode,
  });
  // The service has called it by now, which the compiler does not follow.
  const rolledBack = mode as RolledBackMode | undefined;
  if (rolledBack === undefined) throw new UsageError('The service of the test has no connection.');
  const asLogin = db.as(user({ role: login }));
  const limits = (): CallLimits => ({
    deadline: clock.now() + PATIENCE_MS,
    signal: undefined,
    maxRows: 0,
    maxBytes: 1 << 20,
  });
  const close = (): Promise<void> => db.close();
  return {
    db,
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      // The columns are those of the caller's SQL, and so is the type that it names.
      return (await asLogin.sql`${numberedSql(text, values)}`) as unknown as readonly Row[];
    },
    begin: () => rolledBack.begin(limits()),
    async rollback() {
      await rolledBack.rollback(limits());
      // They may be of rows that are gone.
      db.cache.flush();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The types refuse them too. Another connection would commit. */
function checkService(service: object): void {
  const taken = OF_CONNECTIONS.find((name) => name in service);
  if (taken === undefined) return;
  throw new UsageError(
    `The option 'service' of rollbackDatabase cannot have '${taken}': its connection is that of the test.`,
    { code: 'INVALID_OPTION' },
  );
}

/**
 * Runs `fn` and undoes what it did, also when it succeeds. Returns what `fn` returns. May be nested.
 *
 * @example
 * ```ts
 * it('adds a trip', () =>
 *   withRollback(database, async (db) => {
 *     await db.as(ana).insert('trips', { title: 'Porto' });
 *     expect(await db.as(ana).count('trips')).toBe(3);
 *   }));
 * ```
 */
export async function withRollback<DB extends DatabaseShape<DB>, Result>(
  database: RollbackDatabase<DB>,
  fn: (db: ConsolidatedDatabaseService<DB>) => Promise<Result>,
): Promise<Result> {
  await database.begin();
  let result: Result;
  try {
    result = await fn(database.db);
  } catch (error) {
    // The error of the test is the one to tell.
    await database.rollback().catch(() => undefined);
    throw error;
  }
  await database.rollback();
  return result;
}
