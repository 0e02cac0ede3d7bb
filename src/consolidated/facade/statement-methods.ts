import { ConfigurationError, NotFoundError, UsageError } from '../../contract/errors.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { ReadyStatement } from '../call/ready-statement.ts';
import { asDescribed, readableReplies } from '../compile/as-described.ts';
import { CALL_OPTIONS, checkOptions, NO_OPTIONS, optionNames, ownOptions } from '../compile/check-options.ts';
import type { CompileContext, Compiled } from '../compile/compiled.ts';
import { type CountOptions, compileCount } from '../compile/count.ts';
import { compileDelete } from '../compile/delete.ts';
import { compileInsert } from '../compile/insert.ts';
import type { PlanCache } from '../compile/plan-cache.ts';
import { type Result, readAnswer } from '../compile/read-answer.ts';
import type { ReplyShape } from '../compile/reply-shape.ts';
import { compileRpc } from '../compile/rpc.ts';
import { compileSelect, type SelectOptions } from '../compile/select.ts';
import { compileUpdate, type UpdateOptions } from '../compile/update.ts';
import { compileUpsert, type UpsertOptions } from '../compile/upsert.ts';
import { compileVectorSearch, type VectorSearchOptions } from '../compile/vector-search.ts';
import type { CallOptions } from '../typed/call-options.ts';
import type { Statements } from '../typed/statements.ts';
import type { DecodeOptions } from '../values/codec.ts';
import { DescribedStatement } from './described-statement.ts';

type Row = Record<string, unknown>;
/** The options of all methods together; each method refuses unknown ones at run time. */
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

interface StatementSettings {
  /** Whether the methods accept the options of a call in addition to those of their statement. */
  readonly limits: 'taken' | 'refused';
  readonly schema: string;
  /** Schemas that the options expose. */
  readonly schemas: readonly string[];
  readonly maxRows: number;
  readonly decode: DecodeOptions;
  readonly plans: PlanCache;
}

/**
 * The methods that compile. Each makes a described statement. Whether it is sent alone, in a batch or in
 * a transaction is decided elsewhere. These are also the methods of `db.build`.
 *
 * The results have the type `never`, the only type that fits every `Database`. The `Database` generic gives the
 * type of the rows, and the database returns them.
 */
export class StatementMethods<S> implements Statements<S, 'built'> {
  readonly #settings: StatementSettings;

  constructor(settings: StatementSettings) {
    const { schema, schemas } = settings;
    if (!schemas.includes(schema)) {
      throw new ConfigurationError(
        `The schema "${schema}" is not exposed. Exposed schemas: ${schemas.join(', ')}.`,
        {
          code: 'UNKNOWN_SCHEMA',
          hint: "Add it to the option 'schemas'.",
        },
      );
    }
    this.#settings = settings;
  }

  get schema(): string {
    return this.#settings.schema;
  }

  select(table: string, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe('select', given, (context, options) =>
      this.#ready(context, compileSelect(context, table, options), ({ rows, total }) =>
        options.count === undefined ? rows : { rows, count: total },
      ),
    );
  }

  selectOne(table: string, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#single(table, given, (row) => {
      if (row !== undefined) return row;
      throw new NotFoundError(`No row of "${table}" matches, or the caller may not see it.`);
    });
  }

  selectMaybe(table: string, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#single(table, given, (row) => row);
  }

  /** A select for stream(), without a limit on its rows. */
  streamed(table: string, given: Options): DescribedStatement<never> {
    return this.#describe('stream', given, (context, options) => {
      checkOptions(options, STREAM);
      const { batchSize, ...select } = options;
      const compiled = compileSelect({ ...context, maxRows: UNBOUNDED }, table, ownOptions(select));
      return this.#ready(context, compiled, ({ rows }) => rows, UNBOUNDED);
    });
  }

  count(table: string, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe('count', given, (context, options) =>
      this.#ready(context, compileCount(context, table, options), ({ count }) => count),
    );
  }

  insert(table: string, rows: unknown, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe('insert', given, (context, options) =>
      this.#ready(context, compileInsert(context, table, rows, options), written(rows, options)),
    );
  }

  upsert(table: string, rows: unknown, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe('upsert', given, (context, options) =>
      this.#ready(context, compileUpsert(context, table, rows, options), written(rows, options)),
    );
  }

  update(table: string, set: unknown, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe('update', given, (context, options) =>
      this.#ready(context, compileUpdate(context, table, set, options), changed(options)),
    );
  }

  delete(table: string, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe('delete', given, (context, options) =>
      this.#ready(context, compileDelete(context, table, options), changed(options)),
    );
  }

  rpc(name: string, args: unknown = {}, given: object = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe('rpc.write', given, (context, options) => {
      const compiled = compileRpc(context, name, args, options);
      return this.#ready(context, compiled, (result) => returned(compiled, result));
    });
  }

  vectorSearch(table: string, given: VectorSearchOptions & CallOptions): DescribedStatement<never> {
    return this.#describe('vectorSearch', given, (context, options) =>
      this.#ready(context, compileVectorSearch(context, table, options), ({ rows }) => rows),
    );
  }

  /** The options are those of the moment of the call, whatever becomes of the caller's object. */
  #describe<O extends object>(
    kind: StatementKind,
    given: O,
    ready: (context: CompileContext, options: O) => ReadyStatement<unknown>,
  ): DescribedStatement<never> {
    const options = ownOptions(given);
    if (this.#settings.limits === 'refused') refuseLimits(options);
    return new DescribedStatement(kind, (catalog, { role }) => {
      const { schema, decode, maxRows, plans } = this.#settings;
      return ready({ catalog, schema, role, decode, maxRows, plans }, options);
    });
  }

  #single(
    table: string,
    given: Options,
    pick: (row: Row | undefined) => Row | undefined,
  ): DescribedStatement<never> {
    return this.#describe('select', given, (context, options) => {
      checkOptions(options, SINGLE);
      return this.#ready(
        context,
        compileSelect(context, table, ownOptions({ ...options, limit: 2 })),
        ({ rows }) => {
          if (rows.length > 1) {
            throw new UsageError(`More than one row of "${table}" matches.`, {
              code: 'NOT_UNIQUE',
              hint: 'Filter by a unique column, or use select().',
            });
          }
          return pick(rows[0]);
        },
      );
    });
  }

  #ready(
    context: CompileContext,
    compiled: Compiled,
    pick: (result: Result) => unknown,
    maxRows = compiled.statement.plan.intent === 'write' ? UNBOUNDED : this.#settings.maxRows,
  ): ReadyStatement<unknown> {
    return {
      kind: compiled.kind,
      statements: [compiled.statement, ...compiled.further],
      settings: compiled.settings,
      target: compiled.target,
      readable: (form) => readableReplies(compiled.answer, form),
      read: (replies, help) => {
        const read = (answer: ReplyShape) => {
          const result = readAnswer(answer, replies, maxRows);
          return { value: pick(result), rows: result.count };
        };
        const answer = asDescribed(compiled.answer, replies[0], context.decode, context.catalog, help);
        return answer instanceof Promise ? answer.then(read) : read(answer);
      },
    };
  }
}

/** The methods of a schema, made once for each. */
export function statementsBySchema(
  settings: Omit<StatementSettings, 'schema'>,
): (schema: string) => StatementMethods<never> {
  const made = new Map<string, StatementMethods<never>>();
  return (schema) => {
    const known = made.get(schema);
    if (known !== undefined) return known;
    const methods = new StatementMethods<never>({ ...settings, schema });
    made.set(schema, methods);
    return methods;
  };
}

/** A described statement has no call options: the call that sends it has them. */
function refuseLimits(options: object | undefined): void {
  const given = CALL_OPTIONS.find(
    (name) => options !== undefined && options !== null && Object.hasOwn(options, name),
  );
  if (given !== undefined) {
    throw new UsageError(`build has no option '${given}'. Pass it to batch() or explain().`, {
      code: 'UNKNOWN_OPTION',
    });
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

/** Rows of a table without columns cannot be sent, so only their number is known. */
function rowsOf({ rows, count }: Result): readonly Row[] {
  return rows.length === 0 && count > 0 ? Array.from({ length: count }, () => ({})) : rows;
}

/** The result of the function by its declaration: a value, values, a row, rows or nothing. */
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
