import type { Draw } from './draw.ts';
import { picked } from './model/matching.ts';
import { COLUMNS, KEYS, type Row, type Table } from './model/rows.ts';
import { SUMMARY_COLUMNS } from './model/summaries.ts';
import type { World } from './model/world.ts';
import type { Conditions, Count, Select } from './operation.ts';

/** Columns that are good to find rows by. */
const SEARCHED: Readonly<Record<Table, readonly string[]>> = {
  profiles: ['username', 'email', 'home_country', 'display_name'],
  destinations: ['country_code', 'name', 'population'],
  trips: ['owner_id', 'status', 'visibility', 'destination_id', 'currency', 'starts_on'],
  trip_collaborators: ['trip_id', 'user_id', 'role'],
  api_keys: ['user_id', 'name', 'key_prefix', 'revoked_at', 'replaced_at'],
  search_history: ['user_id', 'result_count'],
  sign_in_passwords: ['email'],
  sign_in_sessions: ['user_id', 'expires_at'],
};

/** Which rows: the aimed one, in most cases. */
export function drawConditions(draw: Draw, world: World, table: Table, row: Row): Conditions {
  const key = keyOfRow(table, row);
  switch (draw.weighted({ key: 75, several: 8, column: 9, other: 4, all: 4 })) {
    case 'key':
      return key;
    case 'several': {
      const column = KEYS[table][0]!;
      const others = [draw.one(world.rowsOf(table)), draw.one(world.rowsOf(table))] as readonly Row[];
      return { [column]: { oneOf: [row, ...others].map((each) => each[column] ?? null) } };
    }
    case 'column': {
      const column = draw.one(SEARCHED[table]);
      return { [column]: row[column] ?? null };
    }
    case 'other': {
      const column = KEYS[table][0]!;
      const value = row[column];
      return typeof value === 'string' || typeof value === 'number' ? { [column]: { not: value } } : key;
    }
    case 'all':
      return {};
  }
}

export function keyOfRow(table: Table, row: Row): Conditions {
  return picked(row, KEYS[table]);
}

export function drawSelect(draw: Draw, world: World, table: Table, row: Row): Select {
  if (table === 'trips' && draw.chance(0.25)) {
    const where = draw.chance(0.7) ? picked(row, ['id']) : {};
    const columns = draw.chance(0.5) ? { columns: draw.some(SUMMARY_COLUMNS, 0.5) } : {};
    return { kind: 'select', from: 'trip_summaries', where, ...columns };
  }
  const columns = draw.chance(0.6) ? { columns: draw.some<string>(COLUMNS[table], 0.4) } : {};
  return { kind: 'select', from: table, where: drawConditions(draw, world, table, row), ...columns };
}

export function drawCount(draw: Draw, world: World, table: Table, row: Row): Count {
  if (table === 'trips' && draw.chance(0.2)) return { kind: 'count', from: 'trip_summaries', where: {} };
  return { kind: 'count', from: table, where: drawConditions(draw, world, table, row) };
}
