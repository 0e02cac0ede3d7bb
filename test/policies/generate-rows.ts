import type { Draw } from './draw.ts';
import {
  collaboratorOf,
  destinationOf,
  keyOf,
  passwordOf,
  profileOf,
  searchOf,
  sessionOf,
  tripOf,
} from './generate-world.ts';
import type { Row, Table } from './model/rows.ts';
import type { World } from './model/world.ts';

/** Columns without a default. */
const NEEDED: Readonly<Record<Table, readonly string[]>> = {
  profiles: ['id', 'username', 'email'],
  destinations: ['id', 'name', 'country_code', 'latitude', 'longitude'],
  trips: ['id', 'title'],
  trip_collaborators: ['trip_id', 'user_id'],
  api_keys: ['name', 'key_prefix', 'key_hash'],
  search_history: ['query'],
  sign_in_passwords: ['user_id', 'email', 'password_hash'],
  sign_in_sessions: ['id', 'user_id', 'token_hash', 'expires_at'],
};

/** The column that says whose a row is. */
export const OWNER: Readonly<Record<Table, string | undefined>> = {
  profiles: 'id',
  destinations: undefined,
  trips: 'owner_id',
  trip_collaborators: undefined,
  api_keys: 'user_id',
  search_history: 'user_id',
  sign_in_passwords: undefined,
  sign_in_sessions: undefined,
};

/** Columns that no user may give to a new row. */
const BEYOND_CREATION: Readonly<Partial<Record<Table, readonly string[]>>> = {
  api_keys: ['id', 'last_used_at', 'revoked_at', 'replaced_at', 'created_at', 'updated_at'],
  search_history: ['searched_at'],
};

export const A_TIME = '2026-01-01T00:00:00+00:00';
export const ANOTHER_TIME = '2026-02-01T00:00:00+00:00';

/** A value for a column that the model has no value for: an id or a time. */
export function otherValue(draw: Draw, column: string): string {
  return column === 'id' ? draw.uuid() : A_TIME;
}

/** A new row of a user's, or for a collaborator of a trip. */
export function newRow(draw: Draw, world: World, table: Table, owner: string): Row {
  switch (table) {
    case 'profiles':
      return profileOf(draw, owner);
    case 'destinations':
      return destinationOf(draw, draw.fresh());
    case 'trips':
      return tripOf(draw, owner, world.destinations);
    case 'trip_collaborators':
      return collaboratorOf(draw, draw.one(world.trips).id, owner);
    case 'api_keys':
      return keyOf(draw, owner);
    case 'search_history':
      return searchOf(draw, owner);
    case 'sign_in_passwords':
      return passwordOf(draw, owner);
    case 'sign_in_sessions':
      return sessionOf(draw, owner);
  }
}

/** The columns that a statement gives to its new rows. */
export function givenColumns(draw: Draw, table: Table, row: Row, isOwn: boolean): readonly string[] {
  const owner = OWNER[table];
  const beyond = BEYOND_CREATION[table] ?? [];
  const given = Object.keys(row).filter((column) => {
    if (NEEDED[table].includes(column)) return true;
    if (column === owner) return !isOwn || draw.chance(0.6);
    return !beyond.includes(column) && draw.chance(0.6);
  });
  return beyond.length > 0 && draw.chance(0.18) ? [...given, draw.one(beyond)] : given;
}

export function givenRow(draw: Draw, row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(
    columns.map((column) => [column, column in row ? row[column]! : otherValue(draw, column)]),
  );
}

/** A row that violates a check. */
export function faulty(table: Table, row: Row): Row {
  switch (table) {
    case 'profiles':
      return { ...row, username: 'Not A Username' };
    case 'trips':
      return { ...row, title: '' };
    case 'api_keys':
      return { ...row, key_prefix: 'cdb' };
    case 'search_history':
      return { ...row, result_count: -1 };
    case 'sign_in_passwords':
      return { ...row, password_hash: 'plain' };
    case 'sign_in_sessions':
      return { ...row, token_hash: 'short' };
    default:
      return row;
  }
}
