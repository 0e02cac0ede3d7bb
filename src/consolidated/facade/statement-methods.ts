import { NotFoundError, ValidationError } from '../../contract/errors.ts';
import type { CallOptions, ReadyStatement } from '../call/call.ts';
import type { Prepare } from '../call/runner.ts';
import type { Catalog } from '../catalog/model.ts';
import { checkOptions, optionNames } from '../compile/check-options.ts';
import type { CompileContext, Compiled } from '../compile/compiled.ts';
import { type CountOptions, compileCount } from '../compile/count.ts';
import { compileDelete } from '../compile/delete.ts';
import { compileInsert } from '../compile/insert.ts';
import type { PlanCache } from '../compile/plan-cache.ts';
import { type Result, readReplies } from '../compile/read-replies.ts';
import { compileRpc } from '../compile/rpc.ts';
import { compileSelect, type SelectOptions } from '../compile/select.ts';
import { compileUpdate, type UpdateOptions } from '../compile/update.ts';
import { compileUpsert, type UpsertOptions } from '../compile/upsert.ts';
import { compileVectorSearch, type VectorSearchOptions } from '../compile/vector-search.ts';
import type { DecodeOptions } from '../values/codec.ts';

type Row = Record<string, unknown>;
/** What the methods take, all together; each refuses at run time what it does not know. */
export type Options = CallOptions &
  SelectOptions &
  CountOptions &
  UpsertOptions &
  UpdateOptions & { readonly batchSize?: unknown };

const SINGLE = optionNames('selectOne', 'columns', 'filters');
const STREAM = optionNames(
  'stream',
  'columns',
  'filters',
  'orderBy',
  'limit',
  'offset',
  'after',
  'batchSize',
);

const UNBOUNDED = Number.MAX_SAFE_INTEGER - 1;

export interface StatementSettings {
  readonly schema: string;
  /** Schemas that the options expose. */
  readonly schemas: readonly string[];
  readonly maxRows: number;
  readonly decode: DecodeOptions;
  readonly plans: PlanCache;
}

/**
 * Every method of a handle as something that can be prepared: what is sent, and what the caller gets from
 * the reply. Whether it is sent alone, in a batch or in a transaction is decided elsewhere.
 */
export class Statements {
  readonly #settings: StatementSettings;

  constructor(settings: StatementSettings) {
    const { schema, schemas } = settings;
    if (!schemas.includes(schema)) {
      throw new ValidationError(
        `The schema "${schema}" is not exposed; exposed are: ${schemas.join(', ')}.`,
        {
          code: 'UNKNOWN_SCHEMA',
          hint: "Name it in the option 'schemas'.",
        },
      );
    }
    this.#settings = settings;
  }

  get schema(): string {
    return this.#settings.schema;
  }

  select(table: string, options: Options = {}): Prepare<ReadyStatement<unknown>> {
    return (catalog) =>
      this.#ready(compileSelect(this.#context(catalog), table, options), ({ rows, total }) =>
        options.count === undefined ? rows : { rows, count: total },
      );
  }

  selectOne(table: string, options: Options = {}): Prepare<ReadyStatement<Row>> {
    return this.#single(table, options, (row) => {
      if (row !== undefined) return row;
      throw new NotFoundError(`There is no such row of "${table}", or the caller may not see it.`);
    });
  }

  selectMaybe(table: string, options: Options = {}): Prepare<ReadyStatement<Row | undefined>> {
    return this.#single(table, options, (row) => row);
  }

  /** A select for stream(): without a bound on its rows. */
  streamed(table: string, options: Options): Prepare<ReadyStatement<readonly Row[]>> {
    return (catalog) => {
      checkOptions(options, STREAM);
      const { batchSize, ...select } = options;
      const context = { ...this.#context(catalog), maxRows: UNBOUNDED };
      return this.#ready(compileSelect(context, table, select), ({ rows }) => rows, UNBOUNDED);
    };
  }

  count(table: string, options: Options = {}): Prepare<ReadyStatement<number>> {
    return (catalog) =>
      this.#ready(compileCount(this.#context(catalog), table, options), ({ count }) => count);
  }

  insert(table: string, rows: unknown, options: Options = {}): Prepare<ReadyStatement<unknown>> {
    return (catalog) =>
      this.#ready(compileInsert(this.#context(catalog), table, rows, options), written(rows, options));
  }

  upsert(table: string, rows: unknown, options: Options = {}): Prepare<ReadyStatement<unknown>> {
    return (catalog) =>
      this.#ready(compileUpsert(this.#context(catalog), table, rows, options), written(rows, options));
  }

  update(table: string, set: unknown, options: Options = {}): Prepare<ReadyStatement<unknown>> {
    return (catalog) =>
      this.#ready(compileUpdate(this.#context(catalog), table, set, options), changed(options));
  }

  delete(table: string, options: Options = {}): Prepare<ReadyStatement<unknown>> {
    return (catalog) => this.#ready(compileDelete(this.#context(catalog), table, options), changed(options));
  }

  rpc(name: string, args: unknown = {}, options: Options = {}): Prepare<ReadyStatement<unknown>> {
    return (catalog) => {
      const compiled = compileRpc(this.#context(catalog), name, args, options);
      return this.#ready(compiled, (result) => returned(compiled, result));
    };
  }

  vectorSearch(table: string, options: VectorSearchOptions): Prepare<ReadyStatement<readonly Row[]>> {
    return (catalog) =>
      this.#ready(compileVectorSearch(this.#context(catalog), table, options), ({ rows }) => rows);
  }

  #context(catalog: Catalog): CompileContext {
    const { schema, decode, maxRows, plans } = this.#settings;
    return { catalog, schema, decode, maxRows, plans };
  }

  #single<T>(table: string, options: Options, pick: (row: Row | undefined) => T): Prepare<ReadyStatement<T>> {
    return (catalog) => {
      checkOptions(options, SINGLE);
      const compiled = compileSelect(this.#context(catalog), table, { ...options, limit: 2 });
      return this.#ready(compiled, ({ rows }) => {
        if (rows.length > 1) {
          throw new ValidationError(`More than one row of "${table}" matches.`, {
            code: 'NOT_UNIQUE',
            hint: 'Filter by a unique column, or use select().',
          });
        }
        return pick(rows[0]);
      });
    };
  }

  #ready<T>(
    compiled: Compiled,
    pick: (result: Result) => T,
    maxRows = compiled.statement.plan.intent === 'write' ? UNBOUNDED : this.#settings.maxRows,
  ): ReadyStatement<T> {
    let count = 0;
    return {
      kind: compiled.kind,
      statements: [compiled.statement, ...compiled.further],
      settings: compiled.settings,
      read(replies) {
        const result = readReplies(compiled.answer, replies, maxRows);
        count = result.count;
        return pick(result);
      },
      rows: () => count,
    };
  }
}

/** A row for a row, rows for rows, their number with `returning: false`. */
function written(given: unknown, options: Options): (result: Result) => unknown {
  if (options.returning === false) return ({ count }) => count;
  return Array.isArray(given) ? rowsOf : (result) => rowsOf(result)[0];
}

function changed(options: Options): (result: Result) => unknown {
  return options.returning === false ? ({ count }) => count : rowsOf;
}

/** Rows of a table without columns cannot be sent: their number stands for them. */
function rowsOf({ rows, count }: Result): readonly Row[] {
  return rows.length === 0 && count > 0 ? Array.from({ length: count }, () => ({})) : rows;
}

/** What the function answers with, as its declaration says: a value, values, a row, rows or nothing. */
function returned(compiled: Compiled, { rows }: Result): unknown {
  switch (compiled.rpc) {
    case 'void':
      return undefined;
    case 'value':
      return firstValue(rows[0]);
    case 'values':
      return rows.map(firstValue);
    case 'row':
      return rows[0] ?? null;
    default:
      return rows;
  }
}

function firstValue(row: Row | undefined): unknown {
  return row === undefined ? null : Object.values(row)[0];
}
