import { randomBytes as systemRandomBytes } from 'node:crypto';
import { AuthorizationError, ConfigurationError, ServiceError } from '../contract/errors.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { AdminConnection } from '../modes/index.ts';
import { type LoginSpecification, type Repair, ROLE_OPTIONS_SINCE, repairsOf } from './login-repairs.ts';
import { type LoginState, readLoginStates } from './login-state.ts';
import { scramVerifier } from './scram-verifier.ts';

interface InitOptions {
  /** Name of the login for users. @defaultValue 'cdb_user' */
  readonly userLogin?: string;
  /** Name of the login for the service. @defaultValue 'cdb_service' */
  readonly serviceLogin?: string;
  /** Also gives existing logins a new password. @defaultValue false */
  readonly rotate?: boolean;
  readonly randomBytes?: (count: number) => Uint8Array;
}

export interface InitializedLogin {
  readonly name: string;
  readonly purpose: 'user' | 'service';
  readonly state: 'created' | 'repaired' | 'unchanged';
  /** What was changed, in words. */
  readonly repairs: readonly string[];
  /** What should be changed, but not by this command. */
  readonly warnings: readonly string[];
  /** Set if it is new; it is not stored anywhere else. */
  readonly password: string | undefined;
}

/**
 * Creates the two logins of a service with least privilege, or checks and repairs them: NOINHERIT, no
 * attribute except LOGIN, members of only the roles that they act as. The one for users may
 * become `anon` and `authenticated`, the other `service_role`. Migrations continue to use the login that runs this.
 *
 * It needs no superuser, only CREATEROLE, and from PostgreSQL 16 on the three roles WITH ADMIN OPTION. All or nothing.
 *
 * @throws AuthorizationError `INIT_NOT_ALLOWED`, whose hint is the SQL that another role must run first;
 * ConfigurationError `ROLES_MISSING`; ServiceError `INIT_INCOMPLETE`.
 *
 * @example
 * ```ts
 * const [user, service] = await initLogins(connection);
 * ```
 */
export async function initLogins(
  connection: AdminConnection,
  options: InitOptions = {},
): Promise<readonly InitializedLogin[]> {
  const random = options.randomBytes ?? systemRandomBytes;
  const specifications: readonly LoginSpecification[] = [
    { name: options.userLogin ?? 'cdb_user', purpose: 'user', roles: ['anon', 'authenticated'] },
    { name: options.serviceLogin ?? 'cdb_service', purpose: 'service', roles: ['service_role'] },
  ];
  const me = await readOwnRights(connection, specifications);
  await connection.script('begin');
  try {
    const logins: InitializedLogin[] = [];
    for (const specification of specifications) {
      logins.push(await initLogin(connection, specification, me, options.rotate ?? false, random));
    }
    await connection.script('commit');
    return logins;
  } catch (error) {
    await connection.script('rollback');
    throw error;
  }
}

async function initLogin(
  connection: AdminConnection,
  specification: LoginSpecification,
  me: OwnRights,
  rotate: boolean,
  random: (count: number) => Uint8Array,
): Promise<InitializedLogin> {
  const before = await readLogin(connection, specification.name);
  const done: string[] = [];
  // Twice: a login that was just created may also need the right to connect.
  for (let round = 0; round < 2; round += 1) {
    const repairs = await neededRepairs(connection, specification, me);
    refuseUnlessAllowed(repairs, me);
    for (const repair of repairs) {
      await connection.script(repair.sql);
      if (before.exists) done.push(repair.what);
    }
  }
  const left = await neededRepairs(connection, specification, me);
  if (left.length > 0) {
    throw new ServiceError(`The login '${specification.name}' could not be repaired. Nothing was changed.`, {
      code: 'INIT_INCOMPLETE',
      hint: `Another role granted it rights that this login cannot revoke. Run as a superuser: ${sqlOf(left)}`,
    });
  }
  const password = !before.exists || rotate ? Buffer.from(random(32)).toString('base64url') : undefined;
  if (password !== undefined) {
    // We made the literal ourselves: base64, digits, `$` and `:`.
    const verifier = scramVerifier(password, random(16));
    await connection.script(`alter role ${quotedName(specification.name)} password '${verifier}'`);
    if (before.exists) done.push('has a new password');
  }
  const after = await readLogin(connection, specification.name);
  return {
    name: specification.name,
    purpose: specification.purpose,
    state: before.exists ? (done.length > 0 ? 'repaired' : 'unchanged') : 'created',
    repairs: done,
    warnings: [
      ...after.holdings.map(
        (holding) => `itself owns or has grants on ${holding}; it should have only the rights of its roles`,
      ),
      ...after.reach
        .filter(({ role, through }) => through !== null && !specification.roles.includes(role))
        .map(
          ({ role, through }) =>
            `may also become ${role}, because ${through} may; raw SQL could switch to it`,
        ),
    ],
    password,
  };
}

async function neededRepairs(
  connection: AdminConnection,
  specification: LoginSpecification,
  me: OwnRights,
): Promise<readonly Repair[]> {
  const state = await readLogin(connection, specification.name);
  return repairsOf(state, specification, me.serverVersion, me.database);
}

async function readLogin(connection: AdminConnection, name: string): Promise<LoginState> {
  const [state] = await readLoginStates(connection, [name]);
  if (state === undefined) throw new ServiceError(`The server did not return the role '${name}'.`);
  return state;
}

interface OwnRights {
  readonly user: string;
  readonly database: string;
  readonly serverVersion: number;
  readonly superuser: boolean;
  readonly createRole: boolean;
  /** Roles that it holds WITH ADMIN OPTION. */
  readonly administers: readonly string[];
}

async function readOwnRights(
  connection: AdminConnection,
  specifications: readonly LoginSpecification[],
): Promise<OwnRights> {
  await assertRoles(
    connection,
    specifications.flatMap((each) => each.roles),
  );
  const [rights] = await connection.query<OwnRights>(
    `select current_user::text as "user", current_database()::text as database,
       current_setting('server_version_num')::int4 as "serverVersion",
       r.rolsuper as superuser, r.rolcreaterole as "createRole",
       coalesce((
         select json_agg(g.rolname) from pg_catalog.pg_roles g
         where pg_has_role(current_user, g.oid, 'MEMBER WITH ADMIN OPTION')
       ), '[]') as administers
     from pg_catalog.pg_roles r where r.rolname = current_user`,
  );
  if (rights === undefined) throw new ServiceError('The server did not return the current role.');
  return rights;
}

/** @throws ConfigurationError `ROLES_MISSING` */
export async function assertRoles(connection: AdminConnection, roles: readonly string[]): Promise<void> {
  const missing = (await readLoginStates(connection, roles)).filter((role) => !role.exists);
  if (missing.length === 0) return;
  throw new ConfigurationError(`The database has no role ${missing.map((role) => role.name).join(', ')}.`, {
    code: 'ROLES_MISSING',
    hint: 'A Supabase project has them. On plain Postgres, run supabase/bootstrap.sql of this package first.',
  });
}

/** The role that a connection logged in as, whatever a pooler made of its name. */
export async function sessionUser(connection: AdminConnection): Promise<string> {
  const [row] = await connection.query<{ user: string }>('select session_user::text as "user"');
  return row?.user ?? connection.user;
}

function refuseUnlessAllowed(repairs: readonly Repair[], me: OwnRights): void {
  const refused = repairs.filter((repair) => !mayMake(repair, me));
  if (refused.length === 0) return;
  const needs = refused.map(({ needs }) => {
    if (needs.kind === 'admin-of')
      return `grant ${quotedName(needs.role)} to ${quotedName(me.user)} with admin option;`;
    if (needs.kind === 'create-role') return `alter role ${quotedName(me.user)} createrole;`;
    return sqlOf(refused.filter((repair) => repair.needs.kind === needs.kind));
  });
  throw new AuthorizationError(
    `The login '${me.user}' does not have all the rights that it needs. Nothing was changed.`,
    {
      code: 'INIT_NOT_ALLOWED',
      hint: `First run as a superuser, or as the owner of the roles: ${[...new Set(needs)].join(' ')}`,
    },
  );
}

function mayMake(repair: Repair, me: OwnRights): boolean {
  if (me.superuser) return true;
  const { needs } = repair;
  switch (needs.kind) {
    case 'owner':
      // Only the server knows who may grant on a database, and its error message is clear.
      return true;
    case 'superuser':
      return false;
    case 'create-role':
      return me.createRole;
    case 'admin-of':
      if (me.serverVersion < ROLE_OPTIONS_SINCE) return me.createRole;
      return me.administers.includes(needs.role);
  }
}

function sqlOf(repairs: readonly Repair[]): string {
  return repairs.map((repair) => `${repair.sql};`).join(' ');
}
