/** What a neighbour on the same pooler can leave behind on a server connection, as the SQL that leaves it. */
import type { SeededRandom } from './seeded-random.ts';

export interface LeakTargets {
  /** Values of `sub` that other users have. */
  readonly subjects: readonly string[];
  /** Names of real tables in `public` that get look-alikes. */
  readonly tables: readonly string[];
  /** Roles that the neighbour's login may become. */
  readonly roles: readonly string[];
}

/** A schema that `lookAlikeSql` makes. */
export const LOOK_ALIKE_SCHEMA = 'look_alike';

type Leak = (random: SeededRandom, targets: LeakTargets) => string | undefined;

const fixed =
  (...choices: readonly string[]): Leak =>
  (random) =>
    random.pick(choices);

const aboutSomebody =
  (make: (subject: string) => string): Leak =>
  (random, { subjects }) => {
    const subject = random.pick(subjects);
    return subject === undefined ? undefined : make(subject);
  };

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const claims = (sub: string) =>
  literal(JSON.stringify({ sub, role: 'service_role', email: `${sub}@example.test` }));

/** Undefined where the targets name nothing to make it of. */
export const LEAKS = {
  jwtClaim: aboutSomebody((sub) => `set "request.jwt.claim" = ${claims(sub)}`),
  jwtClaimSub: aboutSomebody((sub) => `set "request.jwt.claim.sub" = ${literal(sub)}`),
  jwtClaimRole: fixed(`set "request.jwt.claim.role" = 'service_role'`),
  jwtClaimEmail: aboutSomebody((sub) => `set "request.jwt.claim.email" = ${literal(`${sub}@example.test`)}`),
  jwtClaims: aboutSomebody((sub) => `set "request.jwt.claims" = ${claims(sub)}`),
  role: (random, { roles }) => {
    const role = random.pick(roles);
    return role === undefined ? undefined : `set role ${identifier(role)}`;
  },
  searchPath: fixed(
    `set search_path = ${LOOK_ALIKE_SCHEMA}, public`,
    `set search_path = pg_temp, ${LOOK_ALIKE_SCHEMA}`,
    `set search_path = ''`,
  ),
  tempTable: (random, { tables }) => {
    const table = random.pick(tables);
    if (table === undefined) return undefined;
    const name = identifier(table);
    return [
      // Its own leaks must not stand in its way: a grant is refused in a read-only transaction.
      'set transaction read write',
      'reset role',
      `create temp table if not exists ${name} as table ${LOOK_ALIKE_SCHEMA}.${name}`,
      `grant all on pg_temp.${name} to public`,
    ].join('; ');
  },
  timeZone: fixed(`set timezone = 'Asia/Kathmandu'`, `set timezone = 'America/St_Johns'`),
  dateStyle: fixed(`set datestyle = 'German, DMY'`, `set datestyle = 'SQL, DMY'`),
  intervalStyle: fixed(`set intervalstyle = 'iso_8601'`, `set intervalstyle = 'sql_standard'`),
  byteaOutput: fixed(`set bytea_output = 'escape'`),
  extraFloatDigits: fixed('set extra_float_digits = -15'),
  clientEncoding: fixed(`set client_encoding = 'LATIN1'`),
  readOnly: fixed('set default_transaction_read_only = on'),
  isolation: fixed(
    `set default_transaction_isolation = 'serializable'`,
    `set default_transaction_isolation = 'repeatable read'`,
  ),
  rowSecurity: fixed('set row_security = off'),
  statementTimeout: fixed(`set statement_timeout = '5s'`, `set statement_timeout = '250ms'`),
  lockTimeout: fixed(`set lock_timeout = '1ms'`),
  arrayNulls: fixed('set array_nulls = off'),
  nullEquals: fixed('set transform_null_equals = on'),
  conformingStrings: fixed('set standard_conforming_strings = off'),
  listen: fixed('listen left_behind'),
} as const satisfies Readonly<Record<string, Leak>>;

export type LeakName = keyof typeof LEAKS;
export const LEAK_NAMES = Object.keys(LEAKS) as LeakName[];

/**
 * What the owner of the database runs once before: a schema of look-alike tables that everybody may read and write,
 * holding the rows of all users with no row level security. A statement that finds them shows foreign rows at once.
 */
export function lookAlikeSql(tables: readonly string[]): string {
  const schema = LOOK_ALIKE_SCHEMA;
  return [
    `create schema if not exists ${schema}`,
    `grant usage on schema ${schema} to public`,
    ...tables.flatMap((table) => [
      `create table if not exists ${schema}.${identifier(table)} as table public.${identifier(table)}`,
      `grant all on ${schema}.${identifier(table)} to public`,
    ]),
  ].join(';\n');
}
