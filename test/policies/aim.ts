import { OWNER } from './generate-rows.ts';
import { BEYOND_CHANGE, type Scene } from './generate-writes.ts';
import type { Caller } from './model/caller.ts';
import type { Answer } from './model/outcome.ts';
import { hasRight, isOfService } from './model/rights.ts';
import { KEYS, type Row, type Table } from './model/rows.ts';
import { agree } from './model/world.ts';
import type { Delete, Insert, Select, Update, Upsert } from './operation.ts';
import { relationOf } from './relation.ts';

/** What is covered: a command on one row, by somebody who stands to it in a certain way. */
export interface Aim {
  readonly table: Table;
  readonly command: Command;
  readonly relation: string;
}

export type Command =
  | 'select'
  | 'insert'
  | 'update'
  /** Of a column that no user may change, where there are others. */
  | 'update of a fixed column'
  /** Of a trip, to another one. */
  | 'update of the visibility'
  | 'delete'
  | 'upsert of a row';

/** Of a statement that finds this row by its key. */
export function aimOfChange(
  { world, caller }: Scene,
  statement: Select | Update | Delete,
  table: Table,
  row: Row,
): Aim | undefined {
  const columns = Object.keys(statement.where);
  if (columns.length !== KEYS[table].length || !agree(row, statement.where as Row, KEYS[table]))
    return undefined;
  return {
    table,
    command: commandOf(statement, table, row),
    relation: relationOf(world, caller, table, row),
  };
}

function commandOf(statement: Select | Update | Delete, table: Table, row: Row): Command {
  if (statement.kind !== 'update') return statement.kind;
  const isMixed = table !== 'search_history' && !isOfService(table);
  const isFixed = Object.keys(statement.set).some((column) => BEYOND_CHANGE[table].includes(column));
  if (isMixed && isFixed) return 'update of a fixed column';
  return showsToOthers(statement.set, row) ? 'update of the visibility' : 'update';
}

/** Whether the visibility of a trip becomes another one. */
function showsToOthers(set: Row, row: Row): boolean {
  return set.visibility !== undefined && set.visibility !== row.visibility;
}

/** Of an insert of one row, of columns that its caller may give. */
export function aimOfInsert({ world, caller }: Scene, { table, rows }: Insert, row: Row): Aim | undefined {
  const [given, ...further] = rows;
  if (given === undefined || further.length > 0) return undefined;
  // Who shares the trip that has the id already does not share this one.
  if (table === 'trips' && world.trips.some(({ id }) => id === row.id)) return undefined;
  const isFixed = isBeyond(caller, table, 'create', Object.keys(given));
  return isFixed ? undefined : { table, command: 'insert', relation: relationOf(world, caller, table, row) };
}

/** Of an upsert that finds a row, of columns that its caller may give and change. */
export function aimOfUpsert(
  { world, caller }: Scene,
  { table, rows, onConflict, update }: Upsert,
  wanted: Row,
): Aim | undefined {
  const existing = (world.rowsOf(table) as readonly Row[]).find((row) => agree(row, wanted, onConflict));
  const [given] = rows;
  if (existing === undefined || update === null || given === undefined) return undefined;
  const isFixed =
    isBeyond(caller, table, 'create', Object.keys(given)) || isBeyond(caller, table, 'change', update);
  if (update.includes('visibility') && showsToOthers(wanted, existing)) return undefined;
  if (isFixed || (caller.kind === 'user' && !isForItself(caller.id, table, given, wanted))) return undefined;
  return { table, command: 'upsert of a row', relation: relationOf(world, caller, table, existing) };
}

/** Whether the row could also be inserted: the caller is the owner that it names, or that it gets. */
function isForItself(user: string, table: Table, given: Row, wanted: Row): boolean {
  const owner = OWNER[table];
  return owner === undefined || given[owner] === undefined || wanted[owner] === user;
}

/** Whether it is the columns that a user is refused for. Of tables of the service there is none that a user may give. */
function isBeyond(
  caller: Caller,
  table: Table,
  right: 'create' | 'change',
  columns: readonly string[],
): boolean {
  if (caller.kind !== 'user' || isOfService(table)) return false;
  return columns.some((column) => !hasRight[right](caller, table, [column]));
}

/** Whether it was allowed; undefined where something other than policies and rights decided. */
export function wasAllowed(answer: Answer): boolean | undefined {
  if (answer === null) return undefined;
  if (typeof answer === 'number') return answer > 0;
  if ('refused' in answer) return ['no right', 'row refused'].includes(answer.refused) ? false : undefined;
  return answer.length > 0;
}
