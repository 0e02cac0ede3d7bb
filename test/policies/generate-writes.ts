import type { Draw } from './draw.ts';
import { drawConditions, keyOfRow } from './generate-reads.ts';
import {
  A_TIME,
  ANOTHER_TIME,
  faulty,
  givenColumns,
  givenRow,
  newRow,
  OWNER,
  otherValue,
} from './generate-rows.ts';
import type { Caller } from './model/caller.ts';
import { NAME_OF_KEY, UNIQUE } from './model/constraints.ts';
import { picked } from './model/matching.ts';
import { hasRight, isOfService } from './model/rights.ts';
import { COLUMNS, KEYS, type Row, type Table } from './model/rows.ts';
import type { World } from './model/world.ts';
import type { Conditions, Delete, Insert, Update, Upsert } from './operation.ts';
import { everyone, type People } from './people.ts';
import { relationOf } from './relation.ts';

/** What a write is drawn for. */
export interface Scene {
  readonly draw: Draw;
  readonly world: World;
  readonly people: People;
  readonly caller: Caller;
  /** Transaction mode has no transactions, and carries less raw SQL. */
  readonly hasTransactions: boolean;
  /** Most cases are about few tables. */
  readonly hasFocus: boolean;
}

/** What no user may change. */
export const BEYOND_CHANGE: Readonly<Record<Table, readonly string[]>> = {
  profiles: ['id', 'created_at', 'updated_at'],
  destinations: ['name'],
  trips: ['id', 'owner_id', 'created_at', 'updated_at'],
  trip_collaborators: ['trip_id', 'user_id', 'created_at', 'updated_at'],
  api_keys: ['id', 'user_id', 'key_prefix', 'key_hash', 'last_used_at', 'created_at', 'updated_at'],
  search_history: ['user_id', 'query', 'filters', 'result_count', 'searched_at'],
  sign_in_passwords: ['email', 'password_hash'],
  sign_in_sessions: ['user_id', 'token_hash', 'expires_at'],
};

/** Those of them that the service changes here. */
const CHANGED_BY_SERVICE: Readonly<Record<Table, readonly string[]>> = {
  profiles: ['display_name'],
  destinations: ['name', 'population'],
  trips: ['owner_id', 'title'],
  trip_collaborators: ['role'],
  api_keys: ['last_used_at', 'key_prefix'],
  search_history: ['result_count'],
  sign_in_passwords: ['password_hash'],
  sign_in_sessions: ['token_hash', 'expires_at'],
};

/** What any number of rows may have alike. */
const EVEN_IN_MANY: Readonly<Record<Table, readonly string[]>> = {
  profiles: ['display_name', 'home_country', 'preferences'],
  destinations: ['population'],
  trips: COLUMNS.trips.filter((column) => !['id', 'owner_id'].includes(column)),
  trip_collaborators: ['role'],
  api_keys: ['scopes', 'expires_at'],
  search_history: ['result_count'],
  sign_in_passwords: ['password_hash'],
  sign_in_sessions: ['token_hash', 'expires_at'],
};

/** A write without conditions that returns no rows reads nothing: the policies of reading do not help it. */
function drawReturning(draw: Draw, table: Table, where?: Conditions): boolean | readonly string[] {
  const readsNothing = where !== undefined && Object.keys(where).length === 0;
  const returning = draw.weighted({ rows: 40, columns: 25, number: readsNothing ? 150 : 35 });
  return returning === 'columns' ? draw.some<string>(COLUMNS[table], 0.4) : returning === 'rows';
}

function expectation(draw: Draw): { readonly expect?: number } {
  return draw.chance(0.2) ? { expect: draw.chance(0.9) ? 1 : 2 } : {};
}

/** Whose new rows are: the caller's, in most cases. */
function drawOwner({ draw, people, caller }: Scene): string {
  return caller.kind === 'user' && draw.chance(0.65) ? caller.id : draw.one(everyone(people));
}

function drawNewRow(scene: Scene, table: Table): Row {
  const { draw, world, caller } = scene;
  if (table === 'profiles' && caller.kind === 'service' && draw.chance(0.5)) {
    const without = [...world.accounts.keys()].filter(
      (account) => !world.profiles.some(({ id }) => id === account),
    );
    if (without.length > 0) return newRow(draw, world, table, draw.one(without));
  }
  if (table === 'api_keys' && scene.hasFocus && draw.chance(0.3)) {
    // A name that its user has given before: by itself it comes too seldom.
    const { user_id, name } = draw.one(world.rowsOf(table));
    return { ...newRow(draw, world, table, user_id), name };
  }
  if (table !== 'trip_collaborators') return newRow(draw, world, table, drawOwner(scene));
  const row = newRow(draw, world, table, draw.one(everyone(scene.people)));
  // Mostly for a trip of the caller's own, where anything is allowed at all.
  const owned = caller.kind === 'user' ? world.trips.filter(({ owner_id }) => owner_id === caller.id) : [];
  return owned.length > 0 && draw.chance(0.6) ? { ...row, trip_id: draw.one(owned).id } : row;
}

/** A new row, and what is told of it as the aim. */
export function drawInsert(scene: Scene, table: Table): { readonly statement: Insert; readonly aimed: Row } {
  const { draw, caller } = scene;
  const aimed = withFault(scene, table, drawNewRow(scene, table));
  const columns = givenColumns(draw, table, aimed, isOwn(caller, table, aimed));
  const further = draw.chance(0.2) ? 1 + draw.below(2) : 0;
  const rows = [
    aimed,
    ...Array.from({ length: further }, () => withFault(scene, table, drawNewRow(scene, table))),
  ].map((row) => givenRow(draw, row, columns));
  const returning = drawReturning(draw, table);
  return { aimed, statement: { kind: 'insert', table, rows, returning, ...expectation(draw) } };
}

/** In a few cases a row that violates a check, or has a unique value of another. */
function withFault({ draw, world }: Scene, table: Table, row: Row): Row {
  const fault = draw.weighted({ none: 92, check: 4, taken: 4 });
  if (fault === 'check') return faulty(table, row);
  if (fault === 'none' || UNIQUE[table].length === 0) return row;
  const keys = table === 'api_keys' ? [...UNIQUE[table], NAME_OF_KEY] : UNIQUE[table];
  return { ...row, ...picked(draw.one<Row>(world.rowsOf(table)), draw.one(keys)) };
}

function isOwn(caller: Caller, table: Table, row: Row): boolean {
  const owner = OWNER[table];
  return caller.kind === 'user' && owner !== undefined && row[owner] === caller.id;
}

/** An upsert of one row, and the row with all of its columns. */
export function drawUpsert(
  scene: Scene,
  table: Table,
  row: Row,
): { readonly statement: Upsert; readonly wanted: Row } {
  const { draw, caller } = scene;
  const onConflict = draw.one(UNIQUE[table].length === 0 ? [KEYS[table]] : UNIQUE[table]);
  const fresh = drawNewRow(scene, table);
  const wanted: Row = draw.chance(0.7) ? { ...fresh, ...picked(row, onConflict) } : fresh;
  const given = givenColumns(draw, table, wanted, isOwn(caller, table, wanted));
  const columns = [...new Set([...given, ...onConflict])];
  const others = columns.filter(
    // What refers to a row holds its id.
    (column) => !onConflict.includes(column) && !(caller.kind === 'service' && isReferredTo(table, column)),
  );
  const allowed = others.filter((column) => hasRight.change(caller, table, [column]));
  const overwritten = draw.chance(0.8) && allowed.length > 0 ? allowed : others;
  const update = draw.chance(0.25) || others.length === 0 ? null : draw.some(overwritten, 0.6);
  const statement: Upsert = {
    ...{ kind: 'upsert', table, rows: [givenRow(draw, wanted, columns)], onConflict, update },
    ...{ returning: drawReturning(draw, table), ...expectation(draw) },
  };
  return { statement, wanted };
}

/** Whether rows of other tables have its value. */
function isReferredTo(table: Table, column: string): boolean {
  return column === (table === 'sign_in_passwords' ? 'user_id' : 'id');
}

export function drawUpdate(scene: Scene, table: Table, row: Row): Update {
  const { draw, world } = scene;
  const where = draw.chance(0.12) ? {} : drawConditions(draw, world, table, row);
  const set = drawChange(scene, table, row, where);
  const returning = drawReturning(draw, table, where);
  return { kind: 'update', table, set, where, returning, ...expectation(draw) };
}

function drawChange(scene: Scene, table: Table, row: Row, where: Conditions): Row {
  const { draw, world, caller, people } = scene;
  // What only an editor is refused comes too seldom by itself.
  if (scene.hasFocus && relationOf(world, caller, table, row) === 'editor' && draw.chance(0.5))
    return { visibility: row.visibility === 'public' ? 'private' : 'public' };
  const fresh = newRow(draw, world, table, draw.one(everyone(people)));
  const beyond = draw.chance(0.2) || table === 'search_history' || isOfService(table);
  if (beyond && caller.kind !== 'service') {
    const column = draw.one(BEYOND_CHANGE[table]);
    return { [column]: fresh[column] ?? otherValue(draw, column) };
  }
  if (caller.kind === 'service' && draw.chance(0.5)) {
    const column = draw.one(CHANGED_BY_SERVICE[table]);
    return { [column]: fresh[column] ?? otherValue(draw, column) };
  }
  const key = KEYS[table].every((column) => column in where);
  // A unique value, which more than one row cannot have.
  if (key && table === 'profiles' && draw.chance(0.3)) {
    const taken = draw.chance(0.3) ? draw.one(world.profiles) : fresh;
    return picked(taken, [draw.one(['username', 'email'])]);
  }
  if (key && table === 'api_keys' && draw.chance(0.3)) {
    const taken = draw.chance(0.3) ? draw.one<Row>(world.rowsOf(table)) : fresh;
    return picked(taken, ['name']);
  }
  if (table === 'api_keys' && draw.chance(0.4))
    return { [draw.one(['revoked_at', 'replaced_at'])]: draw.one([A_TIME, ANOTHER_TIME, null]) };
  if (draw.chance(0.04) && table === 'trips') return { title: '' };
  if (draw.chance(0.15) && table === 'trips') return { visibility: draw.one(['private', 'public']) };
  return picked(fresh, draw.some(EVEN_IN_MANY[table], 0.3));
}

/**
 * @param undone the delete is rolled back, so that it may take many rows
 */
export function drawDelete(scene: Scene, table: Table, row: Row, undone: boolean): Delete {
  const { draw, world } = scene;
  const broad = () => (draw.chance(0.7) ? {} : drawConditions(draw, world, table, row));
  const where = undone && draw.chance(0.5) ? broad() : keyOfRow(table, row);
  const returning = drawReturning(draw, table, where);
  return { kind: 'delete', table, where, returning, ...expectation(draw) };
}
