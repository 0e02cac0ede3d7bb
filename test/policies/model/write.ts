/** What each kind of write does. */
import type { Delete, Insert, Update, Upsert } from '../operation.ts';
import type { Caller } from './caller.ts';
import { isTaken, meetsChecks, refersToRows, withoutRows } from './constraints.ts';
import { defaultsOf } from './defaults.ts';
import { matches, picked } from './matching.ts';
import { mayAdd, mayChange, mayRead, mayRemove } from './may.ts';
import type { Outcome, Refusal } from './outcome.ts';
import { hasRight } from './rights.ts';
import { COLUMNS, type Row, type Rows, type Table } from './rows.ts';
import { agree, type World } from './world.ts';

/** Ends a write that fails. */
class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

type Write = Insert | Upsert | Update | Delete;

export function write(world: World, caller: Caller, statement: Write): Outcome {
  try {
    return done(statement, effectOf(world, caller, statement));
  } catch (error) {
    if (error instanceof Refused) return { answer: { refused: error.refusal }, world };
    throw error;
  }
}

interface Effect {
  readonly world: World;
  readonly touched: readonly Row[];
}

function effectOf(world: World, caller: Caller, statement: Write): Effect {
  switch (statement.kind) {
    case 'insert':
      return insert(world, caller, statement.table, statement);
    case 'upsert':
      return upsert(world, caller, statement.table, statement);
    case 'update':
      return update(world, caller, statement.table, statement);
    case 'delete':
      return remove(world, caller, statement.table, statement);
  }
}

/** The number of rows is held to `expect` before foreign keys are, which Postgres looks at when all rows are written. */
function done({ kind, table, returning, expect }: Write, { world, touched }: Effect): Outcome {
  demand(expect === undefined || touched.length === expect, 'not found');
  if (kind !== 'delete')
    for (const row of touched) demand(refersToRows(world, table, typed(row)), 'reference');
  if (returning === false) return { answer: touched.length, world };
  const columns = returning === true ? COLUMNS[table] : returning;
  return { answer: touched.map((row) => picked(row, columns)), world };
}

function insert<T extends Table>(
  world: World,
  caller: Caller,
  table: T,
  { rows, returning }: Insert,
): Effect {
  demand(hasRight.create(caller, table, columnsOf(rows)), 'no right');
  demand(returning === false || hasRight.read(caller, table), 'no right');
  let after = world;
  const touched: Rows[T][] = [];
  for (const given of rows) {
    const row = newRow(table, caller, given);
    // Policies speak of the world before the statement.
    demand(mayAdd(world, caller, table, row), 'row refused');
    demand(returning === false || mayRead(world, caller, table, row), 'row refused');
    after = withRow(after, table, row);
    touched.push(row);
  }
  return { world: after, touched };
}

function upsert<T extends Table>(world: World, caller: Caller, table: T, statement: Upsert): Effect {
  const { rows, onConflict, update } = statement;
  demand(hasRight.create(caller, table, columnsOf(rows)) && hasRight.read(caller, table), 'no right');
  demand(update === null || hasRight.change(caller, table, update), 'no right');
  let after = world;
  const touched: Rows[T][] = [];
  for (const given of rows) {
    const row = newRow(table, caller, given);
    demand(mayAdd(world, caller, table, row) && mayRead(world, caller, table, row), 'row refused');
    const existing = after.rowsOf(table).find((each) => agree(each, row, onConflict));
    if (existing === undefined) {
      after = withRow(after, table, row);
      touched.push(row);
      continue;
    }
    demand(meetsChecks(table, row), 'check');
    if (update === null) continue;
    demand(
      mayChange(world, caller, table, existing) && mayRead(world, caller, table, existing),
      'row refused',
    );
    const changed = changedRow(table, existing, picked(row, update));
    demand(mayChange(world, caller, table, changed) && mayRead(world, caller, table, changed), 'row refused');
    after = replaced(after, table, existing, changed);
    touched.push(changed);
  }
  return { world: after, touched };
}

function update<T extends Table>(world: World, caller: Caller, table: T, { set, where }: Update): Effect {
  demand(hasRight.change(caller, table, Object.keys(set)) && hasRight.read(caller, table), 'no right');
  const found = world
    .rowsOf(table)
    .filter((row) => mayRead(world, caller, table, row) && mayChange(world, caller, table, row))
    .filter((row) => matches(row, where));
  let after = world;
  const touched: Rows[T][] = [];
  for (const row of found) {
    const changed = changedRow(table, row, set);
    demand(mayChange(world, caller, table, changed) && mayRead(world, caller, table, changed), 'row refused');
    after = replaced(after, table, row, changed);
    touched.push(changed);
  }
  return { world: after, touched };
}

function remove<T extends Table>(world: World, caller: Caller, table: T, { where }: Delete): Effect {
  demand(hasRight.remove(caller, table), 'no right');
  const gone = world
    .rowsOf(table)
    .filter((row) => mayRead(world, caller, table, row) && mayRemove(world, caller, table, row))
    .filter((row) => matches(row, where));
  return { world: withoutRows(world, table, gone), touched: gone };
}

function demand(holds: boolean, otherwise: Refusal): asserts holds {
  if (!holds) throw new Refused(otherwise);
}

function newRow<T extends Table>(table: T, caller: Caller, given: Row): Rows[T] {
  return typed<T>({ ...defaultsOf(table, caller), ...given });
}

/** A revocation is final. */
function changedRow<T extends Table>(table: T, row: Rows[T], set: Row): Rows[T] {
  const before: Row = row;
  if (table !== 'api_keys' || !('revoked_at' in set) || before.revoked_at === null)
    return typed<T>({ ...row, ...set });
  demand(set.revoked_at !== null, 'conflict');
  return typed<T>({ ...row, ...set, revoked_at: before.revoked_at! });
}

/** Generated statements name columns of their table only, and give each new row all that has no default. */
function typed<T extends Table>(row: Row): Rows[T] {
  return row as Rows[T];
}

function columnsOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

function withRow<T extends Table>(world: World, table: T, row: Rows[T]): World {
  demand(meetsChecks(table, row), 'check');
  demand(!isTaken(table, world.rowsOf(table), row), 'taken');
  return world.with(table, [...world.rowsOf(table), row]);
}

function replaced<T extends Table>(world: World, table: T, row: Rows[T], changed: Rows[T]): World {
  demand(meetsChecks(table, changed), 'check');
  const rows = world.rowsOf(table).map((each) => (each === row ? changed : each));
  demand(!isTaken(table, rows, changed), 'taken');
  return world.with(table, rows);
}
