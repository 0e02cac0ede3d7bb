import { type OwnSchemaVersion, ownSchemaVersions } from '../consolidated/own-schema/own-schema.ts';
import { type Clock, systemClock } from '../contract/clock.ts';
import { AuthorizationError, DatabaseError } from '../contract/errors.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { AdminConnection } from '../modes/index.ts';
import { assertRoles } from './init.ts';
import { lockMigrations, releaseIfOpen } from './session-lock.ts';

interface InstallOptions {
  readonly clock?: Clock;
  /** How long to wait for another run to end, in milliseconds. @defaultValue 60_000 */
  readonly waitMs?: number;
}

export interface InstalledOwnSchema {
  /** The newest version that is there now. */
  readonly version: number;
  /** Names of the versions that this run installed, such as `0001_idempotency`. */
  readonly installed: readonly string[];
}

/**
 * Creates the schema `cdb`, which holds the objects of this package, or brings it up to date. Each version is one
 * transaction. Of two runs at the same time, the second waits, and then finds nothing to do.
 *
 * The role of the connection owns what it creates. It needs the right CREATE on the database.
 *
 * @throws AuthorizationError `INIT_NOT_ALLOWED`, whose hint is the SQL that another role must run first;
 * ConfigurationError `ROLES_MISSING`; OverloadedError `MIGRATIONS_LOCKED`;
 * ServiceError `SESSION_REQUIRED`.
 *
 * @example
 * ```ts
 * const { version } = await installOwnSchema(connection);
 * ```
 */
export async function installOwnSchema(
  connection: AdminConnection,
  options: InstallOptions = {},
): Promise<InstalledOwnSchema> {
  await assertRoles(connection, ['anon', 'authenticated', 'service_role']);
  const versions = await ownSchemaVersions();
  const lock = await lockMigrations(connection, {
    clock: options.clock ?? systemClock,
    waitMs: options.waitMs ?? 60_000,
  });
  try {
    const before = await installedVersions(connection);
    const missing = versions.filter(({ version }) => !before.includes(version));
    for (const each of missing) {
      await lock.confirm();
      await install(connection, each);
    }
    return {
      version: Math.max(0, ...before, ...missing.map(({ version }) => version)),
      installed: missing.map(({ name }) => name),
    };
  } finally {
    await releaseIfOpen(lock.release);
  }
}

async function installedVersions(connection: AdminConnection): Promise<readonly number[]> {
  const [found] = await connection.query<{ there: boolean }>(
    "select to_regclass('cdb.schema_versions') is not null as there",
  );
  if (found?.there !== true) return [];
  const rows = await connection.query<{ version: number }>('select version from cdb.schema_versions');
  return rows.map(({ version }) => version);
}

async function install(connection: AdminConnection, { script }: OwnSchemaVersion): Promise<void> {
  try {
    await connection.script(script);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.sqlState !== '42501') throw error;
    const { user, database } = connection;
    throw new AuthorizationError(`The login '${user}' may not create the schema cdb. Nothing was changed.`, {
      code: 'INIT_NOT_ALLOWED',
      hint: `First run as the owner of the database: grant create on database ${quotedName(database)} to ${quotedName(user)};`,
      cause: error,
    });
  }
}
