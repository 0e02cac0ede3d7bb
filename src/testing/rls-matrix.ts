import { checkOptions } from '../consolidated/compile/check-options.ts';
import { Actors, anonymous, service } from '../consolidated/identity/actors.ts';
import { isPlainObject } from '../consolidated/values/plain-object.ts';
import type { Identity } from '../contract/identity.ts';
import type { AdminQueries } from './admin-queries.ts';
import { type ExpectedLine, invalidMatrix, parseMatrix } from './matrix-text.ts';

/** Columns and their values, as they are bound. */
export type RowValues = Readonly<Record<string, unknown>>;

/** A row, or the row for the identity of that column of the matrix. */
export type RowFor = RowValues | ((identity: string) => RowValues);

/** What the commands of one table are tried with. */
export interface RlsTable {
  /**
   * Names for rows: the columns, such as the key, by which each is known. A cell may then list them instead of their number,
   * which tells apart who sees two rows and who sees two others.
   */
  readonly rows?: Readonly<Record<string, RowValues>> | undefined;
  /** The columns that `select` reads. @defaultValue all */
  readonly select?: readonly string[] | undefined;
  /** The row that `insert` adds. What follows the word is a label, for further lines: `'insert for another'`. */
  readonly [insert: `insert${string}`]: RowFor;
  /** What `update` sets, in every row that the identity can reach. Further lines have a label, as those of `insert`. */
  readonly [update: `update${string}`]: RowFor;
}

/** Options of `rlsMatrix`. */
export interface RlsMatrixOptions {
  /** Each of its tables and views must be in the matrix. @defaultValue 'public' */
  readonly schema?: string | undefined;
  /**
   * The columns of the matrix beside `anonymous`, `service` and `table owner`, which are always there.
   *
   * @example
   * ```ts
   * const users = { ana: user({ sub: ANA }), ben: user({ sub: BEN }) };
   * ```
   */
  readonly users: Readonly<Record<string, Identity>>;
  /** Roles that the claims of `users` may name besides `anon` and `authenticated`. @defaultValue [] */
  readonly roles?: readonly string[] | undefined;
  readonly tables: Readonly<Record<string, RlsTable>>;
  /** Inserts the rows that the matrix is about. What it does is rolled back with the rest. @defaultValue those that are there */
  readonly seed?: ((admin: AdminQueries) => Promise<void>) | undefined;
  /** The matrix itself; see `rlsMatrix`. */
  readonly expected: string;
}

/** Whom a column of the matrix acts as. */
export type MatrixActor = { readonly role: string; readonly claims: string } | 'table owner';

/** A matrix that was checked as far as it can be without its database. `runRlsMatrix` runs it. */
export interface RlsMatrix {
  readonly schema: string;
  /** By the names of the columns, in their order. */
  readonly actors: ReadonlyMap<string, MatrixActor>;
  readonly tables: Readonly<Record<string, RlsTable>>;
  readonly lines: readonly ExpectedLine[];
  /** Inserts the rows that it is about. */
  readonly seed: ((admin: AdminQueries) => Promise<void>) | undefined;
}

const OPTIONS = {
  method: 'rlsMatrix',
  names: new Set(['schema', 'users', 'roles', 'tables', 'seed', 'expected']),
};

/**
 * Says who may do what: a line for each command on each table, a column for each identity. Nothing is allowed or refused by
 * default: `runRlsMatrix` reports each table, command and identity without a cell. A cell is one of
 *
 * - `2`: so many rows are read, inserted, changed or deleted; `0` where the policies leave none
 * - `secret open`: these rows, by the names in `rows`
 * - `no grant`: the role lacks the privilege
 * - `row refused`: a policy refuses the new row (WITH CHECK)
 * - `constraint`: policies allow it, a constraint or a trigger does not
 * - `allow`: at least one row; `deny`: none, for whichever reason
 *
 * The columns `anonymous`, `service` and `table owner` are part of every matrix. The owner shows what goes past policies
 * without FORCE ROW LEVEL SECURITY. A blank first cell means the table of the line above. Commands are tried without WHERE
 * and without RETURNING, which would add what `select` refuses: the policies of the command alone decide.
 *
 * @throws UsageError `INVALID_MATRIX`
 *
 * @example
 * ```ts
 * const matrix = rlsMatrix({
 *   users: { ana: user({ sub: ANA }), ben: user({ sub: BEN }) },
 *   tables: { notes: { insert: { owner_id: ANA, body: 'x' }, update: { body: 'y' } } },
 *   expected: `
 *           |        | anonymous | ana | ben         | service | table owner
 *     notes | select | no grant  | 2   | 0           | 2       | 2
 *           | insert | no grant  | 1   | row refused | 1       | 1
 *           | update | no grant  | 2   | 0           | 2       | 2
 *           | delete | no grant  | 2   | 0           | 2       | 2
 *   `,
 * });
 * assertRls(await runRlsMatrix(admin, matrix));
 * ```
 */
export function rlsMatrix(options: RlsMatrixOptions): RlsMatrix {
  checkOptions(options, OPTIONS);
  const { schema = 'public', users, roles = [], tables, seed, expected } = options;
  const actors = actorsOf(users, new Actors(roles));
  const lines = parseMatrix(expected, [...actors.keys()], namesOfRows(tables));
  for (const [table, of] of Object.entries(tables)) checkTable(table, of, lines);
  for (const line of lines) checkLine(line, tables);
  return { schema, actors, tables, lines, seed };
}

function actorsOf(users: RlsMatrixOptions['users'], made: Actors): ReadonlyMap<string, MatrixActor> {
  const actors = new Map<string, MatrixActor>([['anonymous', made.of(anonymous())]]);
  const builtIn = new Set(['anonymous', 'service', 'table owner']);
  for (const [name, identity] of Object.entries(users)) {
    if (builtIn.has(name)) {
      throw invalidMatrix(`The user '${name}' must have another name: that column is always there.`);
    }
    if (name.trim() !== name || name === '' || name.includes('|')) {
      throw invalidMatrix(`The name '${name}' of a user cannot be that of a column.`);
    }
    actors.set(name, made.of(identity));
  }
  return actors.set('service', made.of(service())).set('table owner', 'table owner');
}

function namesOfRows(tables: RlsMatrixOptions['tables']): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    Object.entries(tables).map(([table, { rows = {} }]) => [table, new Set(Object.keys(rows))] as const),
  );
}

function checkTable(table: string, of: RlsTable, lines: readonly ExpectedLine[]): void {
  for (const [key, value] of Object.entries(of)) {
    if (key === 'rows' || key === 'select') continue;
    if (!/^(?:insert|update)(?: |$)/.test(key)) {
      throw invalidMatrix(
        `The table '${table}' has no '${key}'. It may have 'rows', 'select', and what begins with 'insert' or 'update'.`,
      );
    }
    if (typeof value !== 'function' && !isPlainObject(value)) {
      throw invalidMatrix(`'${key}' of the table '${table}' must be an object of columns, or a function.`);
    }
    if (!lines.some((line) => line.table === table && line.label === key)) {
      throw invalidMatrix(`The matrix has no line '${table} | ${key}', though the table has '${key}'.`);
    }
  }
}

function checkLine({ table, label, command }: ExpectedLine, tables: RlsMatrixOptions['tables']): void {
  const needsRow = command === 'insert' || command === 'update';
  if (needsRow && tables[table]?.[label as 'insert'] === undefined) {
    throw invalidMatrix(
      `The line '${table} | ${label}' needs a row: give the table '${table}' one under '${label}'.`,
    );
  }
}
