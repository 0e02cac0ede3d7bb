import type { ConsolidatedDatabaseService } from '../../src/index.ts';
import { picked } from './model/matching.ts';
import { COLUMNS, KEYS, type Row, TABLES, type Value } from './model/rows.ts';
import type { World } from './model/world.ts';

/** A database, and how services get there. */
export interface Ground {
  /** What a command needs to play here again. */
  readonly flags: string;
  /** Runs as the owner of the tables, who is held back by nothing. Several statements only without values. */
  query(text: string, values?: readonly unknown[]): Promise<readonly object[]>;
  /** One for each way, the most used first. */
  readonly services: readonly {
    readonly db: ConsolidatedDatabaseService;
    readonly hasTransactions: boolean;
  }[];
}

/** Replaces all that is in the database. */
export async function loadWorld(ground: Ground, world: World): Promise<void> {
  await ground.query('delete from auth.users; delete from public.destinations');
  const accounts = [...world.accounts].map(([id, { email, excluded }]) => ({
    ...{ id, email, banned_until: excluded === 'banned' ? '2999-01-01' : null },
    deleted_at: excluded === 'deleted' ? '2026-01-01' : null,
  }));
  await ground.query(
    `insert into auth.users (id, email, banned_until, deleted_at)
     select id, email, banned_until, deleted_at from jsonb_populate_recordset(null::auth.users, $1)`,
    [JSON.stringify(accounts)],
  );
  for (const table of TABLES) {
    const columns = COLUMNS[table].join(', ');
    await ground.query(
      `insert into public.${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::public.${table}, $1)`,
      [JSON.stringify(world.rowsOf(table))],
    );
  }
}

/** Where the database differs from the model; undefined if it does not. */
export async function differenceOfState(ground: Ground, world: World): Promise<string | undefined> {
  const list = TABLES.map(
    (table) => `'${table}', (select coalesce(json_agg(t), '[]') from public.${table} t)`,
  );
  const [state] = (await ground.query(`select json_build_object(${list.join(', ')}) as rows,
    (select coalesce(string_agg(id::text, ' ' order by id), '') from auth.users) as accounts`)) as [
    { readonly rows: Readonly<Record<string, readonly Row[]>>; readonly accounts: string },
  ];
  const accounts = [...world.accounts.keys()].sort().join(' ');
  if (state.accounts !== accounts) return `the accounts are ${state.accounts}, not ${accounts}`;
  for (const table of TABLES) {
    const found = lines((state.rows[table] ?? []).map((row) => picked(row, COLUMNS[table])));
    const expected = lines(world.rowsOf(table).map((row) => picked(row, COLUMNS[table])));
    const surplus = found.filter((line) => !expected.includes(line));
    const missing = expected.filter((line) => !found.includes(line));
    if (surplus.length + missing.length > 0 || found.length !== expected.length)
      return `${table} (by ${KEYS[table].join(', ')}) has ${surplus.join(' ') || 'nothing'} in place of ${missing.join(' ') || 'nothing'}`;
  }
  return undefined;
}

/** Rows as texts, in an order of their own. */
export function lines(rows: readonly Row[]): readonly string[] {
  return rows
    .map((row) =>
      JSON.stringify(
        inOrder(row).map(([column, value]) => [column, isObject(value) ? inOrder(value) : value]),
      ),
    )
    .sort();
}

function isObject(value: Value): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inOrder(row: Row): readonly (readonly [string, Value])[] {
  return Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1));
}
