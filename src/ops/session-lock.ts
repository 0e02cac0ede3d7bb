import type { Clock } from '../contract/clock.ts';
import { OverloadedError, ServiceError } from '../contract/errors.ts';
import type { AdminConnection } from '../modes/index.ts';

/** Two 32-bit keys: 'cdb' in ASCII, and what is locked. */
const NAMESPACE = 0x636462;
const MIGRATIONS = 1;

const ASK_AGAIN_AFTER_MS = 200;

interface MigrationLock {
  /**
   * Throws unless the current server process is the one that holds the lock: behind a pooler in
   * transaction mode it may be another one. Costs one round trip.
   */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

interface LockOptions {
  readonly clock: Clock;
  /** How long to wait for another run to end. */
  readonly waitMs: number;
  /** Called once if it has to wait. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Acquires the lock that prevents two migration runs on one database at the same time.
 *
 * It polls instead of waiting in the server: a waiting statement holds a
 * snapshot, and `create index concurrently` of the run that holds the lock would wait for that snapshot.
 *
 * @throws OverloadedError `MIGRATIONS_LOCKED` after `waitMs`.
 */
export async function lockMigrations(
  connection: AdminConnection,
  options: LockOptions,
): Promise<MigrationLock> {
  const deadline = options.clock.now() + options.waitMs;
  let told = false;
  while (!(await tryLock(connection))) {
    if (options.clock.now() >= deadline) {
      throw new OverloadedError(
        `Another migration is running on ${connection.where}. Waited ${options.waitMs} ms for it.`,
        {
          code: 'MIGRATIONS_LOCKED',
          hint: 'Wait for it to end. pg_locks shows who holds the advisory lock.',
        },
      );
    }
    if (!told) options.onWait?.();
    told = true;
    await pause(options.clock, ASK_AGAIN_AFTER_MS);
  }
  return {
    async confirm() {
      const [row] = await connection.query<{ held: boolean }>(
        `select exists (
           select from pg_catalog.pg_locks
           where locktype = 'advisory' and classid = $1::oid and objid = $2::oid and objsubid = 2
             and pid = pg_backend_pid() and granted
             and database = (select oid from pg_catalog.pg_database where datname = current_database())
         ) as held`,
        [NAMESPACE, MIGRATIONS],
      );
      if (row?.held !== true) {
        throw new ServiceError(
          `The connection to ${connection.where} changed its server process during the migration.`,
          {
            code: 'SESSION_REQUIRED',
            hint: 'Migrations need a direct connection or a pooler in session mode (port 5432 on Supabase).',
          },
        );
      }
    },
    async release() {
      await connection.query('select pg_advisory_unlock($1::int4, $2::int4)', [NAMESPACE, MIGRATIONS]);
    },
  };
}

/** A session's lock ends with its connection, so there is nothing to release after that. */
export async function releaseIfOpen(release: () => Promise<void>): Promise<void> {
  try {
    await release();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'CONNECTION_LOST')) throw error;
  }
}

async function tryLock(connection: AdminConnection): Promise<boolean> {
  const [row] = await connection.query<{ locked: boolean }>(
    'select pg_try_advisory_lock($1::int4, $2::int4) as locked',
    [NAMESPACE, MIGRATIONS],
  );
  return row?.locked === true;
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(resolve, ms);
  });
}
