import { ConfigurationError, NotFoundError, UsageError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { Asking, ReadyStatement } from '../call/ready-statement.ts';
import { asDescribed, readableReplies } from '../compile/as-described.ts';
import { checkOptions, NO_OPTIONS, optionNames, ownOptions } from '../compile/check-options.ts';
import type { CompileContext, Compiled } from '../compile/compiled.ts';
import { type CountOptions, compileCount } from '../compile/count.ts';
import { compileDelete } from '../compile/delete.ts';
import { compileInsert } from '../compile/insert.ts';
import type { PlanCache } from '../compile/plan-cache.ts';
import { isUnlimited, type Result, readAnswer } from '../compile/read-answer.ts';
import type { ReplyShape } from '../compile/reply-shape.ts';
import { compileRpc } from '../compile/rpc.ts';
import { compileSelect, type SelectOptions } from '../compile/select.ts';
import { compileUpdate, type UpdateOptions } from '../compile/update.ts';
import { compileUpsert, type UpsertOptions } from '../compile/upsert.ts';
import { declaredWrites } from '../compile/writes-option.ts';
import type { CachedReadOption } from '../typed/cache-options.ts';
import type { CallOptions } from '../typed/call-options.ts';
import type { Statements } from '../typed/statements.ts';
import type { DecodeOptions } from '../values/codec.ts';
import type { CompiledSearch } from '../vectors/compiled-search.ts';
import { compileHybridSearch, type HybridSearchOptions } from '../vectors/hybrid-search.ts';
import type { LearnedSearches } from '../vectors/learned-searches.ts';
import { searchesOf, type VectorSearchOptions } from '../vectors/search-options.ts';
import { compileVectorSearch } from '../vectors/vector-search.ts';
import { changed, returned, written } from './answers.ts';
import { DescribedStatement } from './described-statement.ts';
import { recallableOf } from './recallable.ts';
import { refuseLimits } from './refuse-limits.ts';
import { severalSearches } from './several-searches.ts';

type Row = Record<string, unknown>;
/** The options of all methods together; each method refuses unknown ones at run time. */
export type Options = CallOptions &
  CachedReadOption &
  SelectOptions &
  CountOptions &
  UpsertOptions &
  UpdateOptions & { readonly batchSize?: unknown };

const SINGLE = optionNames('selectOne', 'columns', 'filters', 'key', 'cache');
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
  /** Whether the methods accept the options of a call in addition to those of their statement. */
  readonly limits: 'taken' | 'refused';
  readonly schema: string;
  /** Schemas that the options expose. */
  readonly schemas: readonly string[];
  readonly maxRows: number;
  readonly decode: DecodeOptions;
  readonly plans: PlanCache;
  readonly searches: LearnedSearches;
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
    return this.#describe('select', 'select', table, given, (context, options) =>
      this.#ready(context, 'select', compileSelect(context, table, options), ({ rows, total }) =>
        options.count === undefined ? rows : { rows, count: total },
      ),
    );
  }

  selectOne(table: string, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#single('selectOne', table, given, (row) => {
      if (row !== undefined) return row;
      throw new NotFoundError(`No row of "${table}" matches, or the caller may not see it.`);
    });
  }

  selectMaybe(table: string, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#single('selectMaybe', table, given, (row) => row);
  }

  /** A select for stream(), without a limit on its rows. */
  streamed(table: string, given: Options): DescribedStatement<never> {
    return this.#describe('stream', 'stream', table, given, (context, options) => {
      checkOptions(options, STREAM);
      const { batchSize, ...select } = options;
      const compiled = compileSelect(
        { ...context, maxRows: UNBOUNDED, inParts: true },
        table,
        ownOptions(select),
      );
      return this.#ready(context, 'stream', compiled, ({ rows }) => rows, UNBOUNDED);
    });
  }

  count(table: string, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe('count', 'count', table, given, (context, options) =>
      this.#ready(context, 'count', compileCount(context, table, options), ({ count }) => count),
    );
  }

  insert(table: string, given: unknown, options: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe(
      'insert',
      'insert',
      table,
      options,
      (context, options, rows) =>
        this.#ready(context, 'insert', compileInsert(context, table, rows, options), written(rows, options)),
      given,
    );
  }

  upsert(table: string, given: unknown, options: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe(
      'upsert',
      'upsert',
      table,
      options,
      (context, options, rows) =>
        this.#ready(context, 'upsert', compileUpsert(context, table, rows, options), written(rows, options)),
      given,
    );
  }

  update(table: string, given: unknown, options: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe(
      'update',
      'update',
      table,
      options,
      (context, options, set) =>
        this.#ready(context, 'update', compileUpdate(context, table, set, options), changed(options)),
      given,
    );
  }

  delete(table: string, given: Options = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe('delete', 'delete', table, given, (context, options) =>
      this.#ready(context, 'delete', compileDelete(context, table, options), changed(options)),
    );
  }

  rpc(name: string, given: unknown = {}, options: object = NO_OPTIONS): DescribedStatement<never> {
    return this.#describe(
      'rpc.write',
      'rpc',
      name,
      options,
      (context, options, args) => {
        const compiled = compileRpc(context, name, args, options);
        const ready = this.#ready(context, 'rpc', compiled, (result) => returned(compiled, result));
        return { ...ready, declaredWrites: declaredWrites(options) };
      },
      given,
    );
  }

  vectorSearch(table: string, given: VectorSearchOptions & CallOptions): DescribedStatement<never> {
    const { searches } = this.#settings;
    return this.#describe('vectorSearch', 'vectorSearch', table, given, (context, options, _, { claims }) => {
      const { vectors } = options;
      const all = searchesOf(options).map((one, index) => {
        const option = vectors === undefined ? 'vector' : `vectors[${index}]`;
        const compiled = compileVectorSearch({ ...context, searches, claims }, table, one, option);
        return this.#search(context, compiled);
      });
      return vectors === undefined ? all[0]! : severalSearches(all);
    });
  }

  hybridSearch(table: string, given: HybridSearchOptions & CallOptions): DescribedStatement<never> {
    const { searches } = this.#settings;
    return this.#describe('hybridSearch', 'hybridSearch', table, given, (context, options, _, { claims }) =>
      this.#search(context, compileHybridSearch({ ...context, searches, claims }, table, options)),
    );
  }

  /**
   * The options are those of the moment of the call, whatever becomes of the caller's object. What they hold, and the
   * value, are copied where the statement is not compiled at once.
   */
  #describe<O extends object>(
    kind: StatementKind,
    method: string,
    name: string,
    given: O,
    ready: (context: CompileContext, options: O, value: unknown, actor: Actor) => ReadyStatement<unknown>,
    value?: unknown,
  ): DescribedStatement<never> {
    const { schema, decode, maxRows, plans, limits } = this.#settings;
    const options = ownOptions(given);
    const described = new DescribedStatement<never, Asking & { options: O; value: unknown }>(
      kind,
      { method, schema, name, options, value },
      ({ options, value }, catalog, actor, trace) =>
        ready({ catalog, schema, role: actor.role, decode, maxRows, plans, trace }, options, value, actor),
      itself,
    );
    if (limits === 'taken') return described;
    refuseLimits(options);
    return described.later;
  }

  #single(
    method: string,
    table: string,
    given: Options,
    pick: (row: Row | undefined) => Row | undefined,
  ): DescribedStatement<never> {
    return this.#describe('select', method, table, given, (context, options) => {
      checkOptions(options, SINGLE);
      return this.#ready(
        context,
        method,
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

  #search(context: CompileContext, compiled: CompiledSearch) {
    const { kind, isTold, asked, readsKey } = compiled;
    const form = isTold ? `${kind} info` : kind;
    return { ...this.#ready(context, form, compiled, (result) => compiled.told(result)), asked, readsKey };
  }

  #ready(
    context: CompileContext,
    method: string,
    compiled: Compiled,
    pick: (result: Result) => unknown,
    maxRows = compiled.statement.plan.intent === 'write' ? UNBOUNDED : this.#settings.maxRows,
  ): ReadyStatement<unknown> {
    return {
      kind: compiled.kind,
      statements: [compiled.statement, ...compiled.further],
      settings: compiled.settings,
      isUnlimited: isUnlimited(compiled.answer),
      target: compiled.target,
      recallable: recallableOf(method, compiled),
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

function itself(given: Asking): Asking {
  return given;
}
