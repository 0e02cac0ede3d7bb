import { UsageError } from '../contract/errors.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { AdminQueries } from './admin-queries.ts';
import type { MatrixRelation } from './matrix-relations.ts';
import type { MatrixStatement } from './matrix-statement.ts';
import type { MatrixRefusal } from './matrix-text.ts';
import type { RowValues } from './rls-matrix.ts';

/** What became of a command: the rows that it read or touched, or why there are none. */
export type AttemptResult =
  | { readonly kind: 'rows'; readonly rows: readonly RowValues[] }
  | { readonly kind: MatrixRefusal; readonly why: string };

/** Who acts: a role with claims, or the login itself, which must see every row. */
export type Acting = { readonly role: string; readonly claims: string } | 'login';

/**
 * As the set-up of every batch, as far as policies and triggers can tell: the old names of claims come before the new one.
 */
const ACT = `
  select pg_catalog.set_config('role', $1, true), pg_catalog.set_config('request.jwt.claims', $2, true),
    pg_catalog.set_config('request.jwt.claim', '', true), pg_catalog.set_config('request.jwt.claim.sub', '', true),
    pg_catalog.set_config('request.jwt.claim.role', '', true), pg_catalog.set_config('request.jwt.claim.email', '', true),
    pg_catalog.set_config('search_path', 'public, extensions, pg_temp', true),
    pg_catalog.set_config('row_security', $3, true)`;

/** A row beside what tells whether it is still the same. */
interface Version {
  readonly version: string;
  readonly row: RowValues;
}

/** Tries commands inside an open transaction and takes each of them back. */
export class MatrixAttempts {
  readonly #admin: AdminQueries;
  readonly #schema: string;
  readonly #before = new Map<string, Promise<readonly Version[]>>();

  constructor(admin: AdminQueries, schema: string) {
    this.#admin = admin;
    this.#schema = schema;
  }

  /** Runs the statement as `acting`. An error that is no refusal is thrown. */
  async try(
    relation: MatrixRelation,
    command: string,
    statement: MatrixStatement,
    acting: Acting,
  ): Promise<AttemptResult> {
    const before = await this.#rowsBefore(relation);
    return this.#takenBack(async () => {
      await this.#act(acting);
      let read: readonly { readonly row: RowValues }[];
      try {
        read = await this.#admin.query<{ row: RowValues }>(statement.text, statement.values);
      } catch (error) {
        return refusalOf(error);
      }
      if (command === 'select') return { kind: 'rows', rows: read.map(({ row }) => row) };
      await this.#act('login');
      const after = await this.#versions(relation);
      return { kind: 'rows', rows: command === 'insert' ? added(before, after) : added(after, before) };
    });
  }

  #rowsBefore(relation: MatrixRelation): Promise<readonly Version[]> {
    let before = this.#before.get(relation.name);
    if (before === undefined) {
      before = this.#takenBack(async () => {
        await this.#act('login');
        return this.#versions(relation);
      });
      this.#before.set(relation.name, before);
    }
    return before;
  }

  /** Without row_security the server refuses to leave out rows that a policy hides from the login. */
  async #act(acting: Acting): Promise<void> {
    const [role, claims, security] =
      acting === 'login' ? ['none', '', 'off'] : [acting.role, acting.claims, 'on'];
    await this.#admin.query(ACT, [role, claims, security]);
  }

  async #versions({ name, hasVersions }: MatrixRelation): Promise<readonly Version[]> {
    const version = hasVersions
      ? `pg_catalog.concat(each.tableoid, each.ctid)`
      : 'pg_catalog.to_jsonb(each)::pg_catalog.text';
    const table = `${quotedName(this.#schema)}.${quotedName(name)}`;
    try {
      return await this.#admin.query<Version>(
        `select ${version} as version, pg_catalog.to_jsonb(each) as row from ${table} each`,
      );
    } catch (cause) {
      if (!(cause instanceof Error) || stateOf(cause) !== '42501') throw cause;
      throw new UsageError(`The login of the matrix may not see every row of '${this.#schema}.${name}'.`, {
        code: 'MATRIX_LOGIN',
        hint: 'Use a superuser, a login with BYPASSRLS, or the owner of the table where row level security is not forced.',
        cause,
      });
    }
  }

  async #takenBack<T>(work: () => Promise<T>): Promise<T> {
    await this.#admin.query('savepoint cdb_matrix_cell');
    let result: T;
    try {
      result = await work();
    } catch (error) {
      await this.#takeBack();
      throw error;
    }
    await this.#takeBack();
    return result;
  }

  async #takeBack(): Promise<void> {
    await this.#admin.query('rollback to savepoint cdb_matrix_cell');
    await this.#admin.query('release savepoint cdb_matrix_cell');
  }
}

function added(before: readonly Version[], after: readonly Version[]): readonly RowValues[] {
  const known = new Set(before.map(({ version }) => version));
  return after.filter(({ version }) => !known.has(version)).map(({ row }) => row);
}

/** Of this package's errors, and of those of drivers, which have the state in `code`. */
function refusalOf(error: unknown): AttemptResult {
  if (!(error instanceof Error)) throw error;
  const state = stateOf(error);
  if (state === '42501') {
    const isPolicy = /row.level security/i.test(error.message);
    return { kind: isPolicy ? 'row refused' : 'no grant', why: error.message };
  }
  if (/^(?:23|44|P0001)/.test(state)) return { kind: 'constraint', why: error.message };
  throw error;
}

function stateOf(error: Error): string {
  const { sqlState, code } = error as { readonly sqlState?: unknown; readonly code?: unknown };
  if (typeof sqlState === 'string') return sqlState;
  return typeof code === 'string' ? code : '';
}
