import { type Aim, aimOfChange, aimOfInsert, aimOfUpsert } from './aim.ts';
import type { Draw } from './draw.ts';
import { drawCall } from './generate-calls.ts';
import { drawCount, drawSelect } from './generate-reads.ts';
import { A_TIME, ANOTHER_TIME } from './generate-rows.ts';
import { drawDelete, drawInsert, drawUpdate, drawUpsert, type Scene } from './generate-writes.ts';
import { ANONYMOUS, type Caller, SERVICE } from './model/caller.ts';
import { isOfService } from './model/rights.ts';
import { type Row, type Rows, TABLES, type Table } from './model/rows.ts';
import type { World } from './model/world.ts';
import type { Built, Operation, Raw, Statement } from './operation.ts';
import { everyone, type People } from './people.ts';
import { RAW_STATEMENTS } from './raw-statements.ts';

export interface Case {
  readonly caller: Caller;
  readonly operation: Operation;
  /** Of an operation that is one statement on one row. */
  readonly aim?: Aim;
}

interface Drawn {
  readonly statement: Statement;
  readonly aim?: Aim | undefined;
}

/** The number of rows around which a table is kept. */
const ENOUGH: Readonly<Record<Table, number>> = {
  profiles: 9,
  destinations: 10,
  trips: 18,
  trip_collaborators: 24,
  api_keys: 26,
  search_history: 20,
  sign_in_passwords: 8,
  sign_in_sessions: 12,
};

/** Whether there is something to aim at in each table. */
export function isPopulated(world: World): boolean {
  return TABLES.every((table) => world.rowsOf(table).length >= ENOUGH[table] / 3);
}

const TABLE_WEIGHTS: Readonly<Record<Table, number>> = {
  profiles: 18,
  destinations: 8,
  trips: 34,
  trip_collaborators: 26,
  api_keys: 18,
  search_history: 12,
  sign_in_passwords: 6,
  sign_in_sessions: 6,
};

/** What most cases are about. */
export interface Focus {
  readonly tables: readonly Table[];
  /** Who acts, in most of them. @defaultValue users */
  readonly caller?: 'anonymous' | 'service';
}

export function drawCase(
  draw: Draw,
  world: World,
  people: People,
  hasTransactions: boolean,
  focus?: Focus,
): Case {
  const drawTable = () =>
    focus === undefined || draw.chance(0.1) ? draw.weighted(TABLE_WEIGHTS) : draw.one(focus.tables);
  const table = drawTable();
  const row = draw.one<Row>(world.rowsOf(table));
  const caller = drawCaller(draw, world, people, table, row, focus?.caller);
  const scene = { draw, world, people, caller, hasTransactions, hasFocus: focus !== undefined };
  // With a focus there are more deletes of all rows, which are rolled back.
  const transaction = focus === undefined ? 12 : 30;
  const form = draw.weighted({ alone: 80, batch: 8, transaction: hasTransactions ? transaction : 0 });
  if (form === 'alone') {
    const { statement, aim } = drawStatement(scene, table, row, false);
    return { caller, operation: statement, ...(aim && { aim }) };
  }
  const more = (least: number) => Array.from({ length: least + draw.below(3) });
  const other = (undone: boolean) => {
    const next = drawTable();
    return drawStatement(scene, next, draw.one<Row>(world.rowsOf(next)), undone).statement;
  };
  if (form === 'batch') {
    const statements = more(2)
      .map(() => other(false))
      .filter((each): each is Built => each.kind !== 'raw');
    if (statements.length === 0) statements.push(drawCount(draw, world, table, row));
    return { caller, operation: { kind: 'batch', statements } };
  }
  const end = draw.chance(0.6) ? 'rollback' : 'commit';
  const undone = end === 'rollback';
  const first = drawStatement(scene, table, row, undone).statement;
  const steps = more(0).map(() =>
    draw.chance(0.25)
      ? ({ kind: 'savepoint', statements: more(1).map(() => other(undone)) } as const)
      : other(undone),
  );
  return { caller, operation: { kind: 'transaction', steps: [first, ...steps], end } };
}

/** Somebody who has to do with the row, in most cases. */
function drawCaller(
  draw: Draw,
  world: World,
  people: People,
  table: Table,
  row: Row,
  mostly: Focus['caller'],
): Caller {
  const weights = { concerned: 44, anybody: 36, service: 10, anonymous: 10 };
  const who = draw.weighted(mostly === undefined ? weights : { ...weights, [mostly]: 150 });
  if (who === 'service') return SERVICE;
  if (who === 'anonymous') return ANONYMOUS;
  const concerned = who === 'concerned' ? concernedWith(world, table, row) : [];
  const id = draw.one(concerned.length > 0 ? concerned : everyone(people));
  return draw.chance(table === 'api_keys' ? 0.3 : 0.05)
    ? { kind: 'user', id, byKey: true }
    : { kind: 'user', id };
}

function concernedWith(world: World, table: Table, row: Row): readonly string[] {
  const trip = table === 'trips' ? row.id : row.trip_id;
  const owner = world.trips.find(({ id }) => id === trip)?.owner_id;
  const companions = world.collaborators.filter(({ trip_id }) => trip_id === trip);
  const own = table === 'profiles' ? row.id : (row.user_id ?? row.owner_id);
  const all = [own, owner, ...companions.map(({ user_id }) => user_id)];
  return all.filter((id): id is string => typeof id === 'string');
}

type Kind = 'select' | 'count' | 'insert' | 'update' | 'delete' | 'upsert' | 'rpc' | 'raw';

function drawKind({ draw, world }: Scene, table: Table, undone: boolean): Kind {
  const isFull = world.rowsOf(table).length >= ENOUGH[table];
  // What goes with a profile leaves little to look at.
  const gone = table === 'profiles' ? 2 : 10;
  return draw.weighted({
    select: 30,
    count: 5,
    insert: isFull ? 8 : 18,
    update: 18,
    delete: undone ? 14 : isFull ? gone : gone / 5,
    // A search has no key that a user may give.
    upsert: table === 'search_history' ? 0 : 12,
    rpc: table === 'trip_collaborators' ? 0 : isOfService(table) ? 14 : 8,
    raw: 10,
  });
}

function drawStatement(scene: Scene, table: Table, row: Row, undone: boolean): Drawn {
  const { draw, world } = scene;
  const kind = drawKind(scene, table, undone);
  switch (kind) {
    case 'select': {
      const statement = drawSelect(draw, world, table, row);
      return {
        statement,
        aim: statement.from === table ? aimOfChange(scene, statement, table, row) : undefined,
      };
    }
    case 'count':
      return { statement: drawCount(draw, world, table, row) };
    case 'insert': {
      const { statement, aimed } = drawInsert(scene, table);
      return { statement, aim: aimOfInsert(scene, statement, aimed) };
    }
    case 'update': {
      const statement = drawUpdate(scene, table, row);
      return { statement, aim: aimOfChange(scene, statement, table, row) };
    }
    case 'delete': {
      const statement = drawDelete(scene, table, row, undone);
      return { statement, aim: aimOfChange(scene, statement, table, row) };
    }
    case 'upsert': {
      const { statement, wanted } = drawUpsert(scene, table, row);
      return { statement, aim: aimOfUpsert(scene, statement, wanted) };
    }
    case 'rpc':
      // What is drawn for a table is a row of it.
      return { statement: drawCall(scene, table, row as Rows[Table], undone) };
    case 'raw':
      return { statement: drawRaw(scene, table, row) };
  }
}

function drawRaw({ draw, world, people, caller, hasTransactions }: Scene, table: Table, row: Row): Raw {
  const fitting = Object.entries(RAW_STATEMENTS).filter(
    ([, { tables, needsSession }]) => tables.includes(table) && (hasTransactions || needsSession !== true),
  );
  const [name, { takes }] = draw.one(fitting);
  const drawUser = () =>
    caller.kind === 'user' && draw.chance(0.4) ? caller.id : draw.one(everyone(people));
  const drawValue = (what: (typeof takes)[number]): string => {
    switch (what) {
      case 'trip':
        return String(row.trip_id ?? (table === 'trips' ? row.id : draw.one(world.trips).id));
      case 'user':
        return table === 'trip_collaborators' && draw.chance(0.5) ? String(row.user_id) : drawUser();
      case 'username':
        return draw.one(world.profiles).username;
      case 'new id':
        return draw.uuid();
      case 'new text':
        return `text ${draw.fresh()}`;
      case 'key':
        return draw.one(world.rowsOf('api_keys')).key_hash;
      case 'time':
        return draw.one([A_TIME, ANOTHER_TIME]);
      case 'role':
        return draw.one(['viewer', 'editor']);
    }
  };
  return { kind: 'raw', name, values: takes.map(drawValue) };
}
