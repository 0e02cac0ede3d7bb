/// <reference lib="esnext.disposable" preserve="true" />
import { createHash } from 'node:crypto';
import { checkOptions } from '../consolidated/compile/check-options.ts';
import { user } from '../consolidated/identity/actors.ts';
import { UsageError } from '../contract/errors.ts';
import type { Claims, UserIdentity } from '../contract/identity.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { AdminQueries } from './admin-queries.ts';
import type { RowValues } from './rls-matrix.ts';

/** What a user of the tests is made with. */
export interface TestUserOptions {
  /** A UUID. @defaultValue one that follows from the name, so that failures read the same each time */
  readonly id?: string | undefined;
  /** @defaultValue the name at `example.org` */
  readonly email?: string | undefined;
  /** Further claims, such as `app_metadata`, which is put into `auth.users` too. */
  readonly claims?: Claims | undefined;
}

/** A user that is in `auth.users`. */
export interface TestUser {
  readonly name: string;
  readonly id: string;
  readonly email: string;
  /** For `db.as` and `db.runAs`, with the claims `sub`, `email`, `role` and the further ones. */
  readonly identity: UserIdentity;
}

/** The row of a user in a table of the application. */
export interface TestProfile {
  readonly table: string;
  /** @defaultValue 'public' */
  readonly schema?: string | undefined;
  readonly row: RowValues;
  /** The columns by which it is removed. @defaultValue ['id'] */
  readonly key?: readonly string[] | undefined;
}

/** Options of `testIdentities`. */
export interface TestIdentitiesOptions {
  /** The profile of each user. @defaultValue none: a trigger on `auth.users` makes it, or nobody needs one */
  readonly profile?: ((user: TestUser) => TestProfile) | undefined;
}

/** Users by their names. */
export interface TestIdentities<Name extends string> extends AsyncDisposable {
  readonly users: Readonly<Record<Name, TestUser>>;
  /** Deletes profiles and users, the last one first. Where everything is rolled back there is no need for it. */
  remove(): Promise<void>;
}

const OPTIONS = { method: 'testIdentities', names: new Set(['profile']) };
const OF_USER = new Set(['id', 'email', 'claims']);

/**
 * Inserts users into `auth.users`, with a profile each, and resolves to their identities.
 *
 * @param admin one connection that may write there: `clonedDatabase`, `rollbackDatabase`, or a client of your own
 *
 * @throws UsageError for an option that is unknown; what the database throws, and then no user is left behind
 *
 * @example
 * ```ts
 * const { users } = await testIdentities(database, { ana: {}, ben: { claims: { app_metadata: { plan: 'pro' } } } }, {
 *   profile: ({ id, name, email }) => ({ table: 'profiles', row: { id, username: name, email } }),
 * });
 * const trips = await db.as(users.ana.identity).select('trips');
 * ```
 */
export async function testIdentities<Name extends string>(
  admin: AdminQueries,
  people: Readonly<Record<Name, TestUserOptions>>,
  options: TestIdentitiesOptions = {},
): Promise<TestIdentities<Name>> {
  checkOptions(options, OPTIONS);
  const undo: (() => Promise<unknown>)[] = [];
  const remove = async (): Promise<void> => {
    for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
  };
  const users: Partial<Record<Name, TestUser>> = {};
  try {
    for (const name of Object.keys(people) as Name[]) {
      const made = testUser(name, people[name]);
      users[name] = made;
      await insertUser(admin, made);
      undo.push(() => admin.query('delete from auth.users where id = $1', [made.id]));
      const profile = options.profile?.(made);
      if (profile !== undefined) {
        await insertProfile(admin, profile);
        undo.push(() => deleteProfile(admin, profile));
      }
    }
  } catch (error) {
    // Where the transaction around it has failed, there is nothing left to remove.
    await remove().catch(() => undefined);
    throw error;
  }
  // Each name has been given its user by now.
  return { users: users as Record<Name, TestUser>, remove, [Symbol.asyncDispose]: remove };
}

function testUser(name: string, options: TestUserOptions): TestUser {
  const unknown = Object.keys(options).find((option) => !OF_USER.has(option));
  if (unknown !== undefined) {
    throw new UsageError(
      `The test user '${name}' has no option '${unknown}'. Known options: id, email, claims.`,
      {
        code: 'UNKNOWN_OPTION',
      },
    );
  }
  const { id = idOf(name), email = `${name.toLowerCase()}@example.org`, claims = {} } = options;
  return { name, id, email, identity: user({ role: 'authenticated', ...claims, sub: id, email }) };
}

/** A UUID of version 8, whose content is the application's. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(`consolidated-db test user ${name}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

async function insertUser(admin: AdminQueries, { id, email, identity }: TestUser): Promise<void> {
  const { app_metadata: ofApplication = {}, user_metadata: ofUser = {} } = identity.claims;
  await admin.query(
    `insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data)
     values ($1, 'authenticated', 'authenticated', $2, $3::text::jsonb, $4::text::jsonb)`,
    [id, email, JSON.stringify(ofApplication), JSON.stringify(ofUser)],
  );
}

async function insertProfile(admin: AdminQueries, profile: TestProfile): Promise<void> {
  const { row } = profile;
  const columns = Object.keys(row).map(quotedName);
  const bound = columns.map((_column, i) => `$${i + 1}`);
  await admin.query(
    `insert into ${tableOf(profile)} (${columns.join(', ')}) values (${bound.join(', ')})`,
    Object.values(row),
  );
}

async function deleteProfile(admin: AdminQueries, profile: TestProfile): Promise<void> {
  const { row, key = ['id'] } = profile;
  const lacking = key.find((column) => row[column] === undefined);
  if (lacking !== undefined || key.length === 0) {
    throw new UsageError(
      `The profile in '${profile.table}' cannot be removed: its row lacks the key '${lacking}'.`,
    );
  }
  const where = key.map((column, i) => `${quotedName(column)} = $${i + 1}`).join(' and ');
  await admin.query(
    `delete from ${tableOf(profile)} where ${where}`,
    key.map((column) => row[column]),
  );
}

function tableOf({ schema = 'public', table }: TestProfile): string {
  return `${quotedName(schema)}.${quotedName(table)}`;
}
