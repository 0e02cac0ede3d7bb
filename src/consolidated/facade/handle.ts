import { UsageError } from '../../contract/errors.ts';
import type { Identity } from '../../contract/identity.ts';
import { checkOptions, flag, NO_OPTIONS, optionNames, ownOptions } from '../compile/check-options.ts';
import { prepareNotify } from '../notifications/notify.ts';
import { Fragment } from '../raw-sql/fragment.ts';
import type { CacheReport } from '../typed/cache-report.ts';
import type { CallOptions } from '../typed/call-options.ts';
import type { DatabaseHandle } from '../typed/database-handle.ts';
import type { DatabaseShape, SchemaName } from '../typed/schema-names.ts';
import type { SqlOptions, SqlTag, SqlTemplate } from '../typed/sql-tag.ts';
import type { NotificationHandler, Subscription } from '../typed/subscription.ts';
import type { TransactionHandle, TransactionOptions } from '../typed/transaction-handle.ts';
import type { HybridSearchOptions } from '../vectors/hybrid-search.ts';
import type { VectorSearchOptions } from '../vectors/search-options.ts';
import { DescribedStatement } from './described-statement.ts';
import type { RawStatements } from './raw-statements.ts';
import type { Scope } from './scope.ts';
import type { Options, StatementMethods } from './statement-methods.ts';

const DEFAULT_BATCH_SIZE = 1_000;
const MAX_BATCH_SIZE = 100_000;
const BATCH = optionNames('batch', 'idempotencyKey');
const EXPLAIN = optionNames('explain', 'analyze');
const LISTEN = optionNames('listen');
const NOTIFY = optionNames('notify');
const STREAM_FRAGMENT = optionNames('stream', 'batchSize');

/** What a handle uses to make its statements. */
interface Toolbox {
  /** For statements that are sent, with the options of a call. */
  readonly statements: (schema: string) => StatementMethods<never>;
  /** For `build`. */
  readonly built: (schema: string) => StatementMethods<never>;
  readonly raw: RawStatements;
}

/**
 * The methods of `db`, `db.as(…)` and `tx` alike: each describes a statement and sends it in its scope.
 * The public types are in `typed/`, and the compiler checks these methods against them.
 */
export class Handle<DB extends DatabaseShape<DB>, Schema extends SchemaName<DB>>
  implements DatabaseHandle<DB, Schema>, TransactionHandle<DB, Schema>
{
  readonly #scope: Scope;
  readonly #tools: Toolbox;
  readonly #schema: string;
  readonly #statements: StatementMethods<never>;
  #sql: SqlTag | undefined;

  constructor(scope: Scope, tools: Toolbox, schema: string) {
    this.#scope = scope;
    this.#tools = tools;
    this.#schema = schema;
    this.#statements = tools.statements(schema);
  }

  select(table: string, options: Options = NO_OPTIONS): Promise<never> {
    return this.#send(this.#statements.select(table, options), options);
  }

  selectOne(table: string, options: Options = NO_OPTIONS): Promise<never> {
    return this.#send(this.#statements.selectOne(table, options), options);
  }

  selectMaybe(table: string, options: Options = NO_OPTIONS): Promise<never> {
    return this.#send(this.#statements.selectMaybe(table, options), options);
  }

  count(table: string, options: Options = NO_OPTIONS): Promise<number> {
    return this.#send(this.#statements.count(table, options), options);
  }

  insert(table: string, rows: unknown, options: Options = NO_OPTIONS): Promise<never> {
    return this.#send(this.#statements.insert(table, rows, options), options);
  }

  upsert(table: string, rows: unknown, options: Options = NO_OPTIONS): Promise<never> {
    return this.#send(this.#statements.upsert(table, rows, options), options);
  }

  update(table: string, set: unknown, options: Options = NO_OPTIONS): Promise<never> {
    return this.#send(this.#statements.update(table, set, options), options);
  }

  delete(table: string, options: Options = NO_OPTIONS): Promise<never> {
    return this.#send(this.#statements.delete(table, options), options);
  }

  rpc(name: string, args: unknown = {}, options: Options = NO_OPTIONS): Promise<never> {
    return this.#send(this.#statements.rpc(name, args, options), options);
  }

  vectorSearch(table: string, options: VectorSearchOptions & CallOptions): Promise<never> {
    return this.#send(this.#statements.vectorSearch(table, options), options);
  }

  hybridSearch(table: string, options: HybridSearchOptions & CallOptions): Promise<never> {
    return this.#send(this.#statements.hybridSearch(table, options), options);
  }

  /** Bound, so that it also works without the handle: `const { sql } = db`. */
  get sql(): SqlTag {
    this.#sql ??= this.#tag();
    return this.#sql;
  }

  #tag(): SqlTag {
    const { raw } = this.#tools;
    const template =
      (options: SqlOptions): SqlTemplate =>
      (strings, ...values) =>
        this.#send(raw.template(strings, values, options), options);
    function tag(strings: TemplateStringsArray, ...values: readonly unknown[]): Promise<never>;
    function tag(options: SqlOptions): SqlTemplate;
    function tag(first: TemplateStringsArray | SqlOptions, ...values: readonly unknown[]) {
      return isTemplate(first)
        ? template(NO_OPTIONS)(first, ...values)
        : template(raw.checked(ownOptions(first)));
    }
    return tag;
  }

  async batch(built: readonly unknown[], options: CallOptions = NO_OPTIONS): Promise<never> {
    if (!Array.isArray(built) || built.length === 0) {
      throw new UsageError('batch() needs an array of at least one statement made by db.build.', {
        code: 'INVALID_STATEMENT',
      });
    }
    checkOptions(options, BATCH);
    // Array.from also visits holes.
    const described = Array.from(built, (one) => DescribedStatement.from(one));
    return believed(this.#scope.sender.sendAll(described, options));
  }

  stream(source: string | Fragment, options: Options = NO_OPTIONS): AsyncGenerator<never, void> {
    if (source instanceof Fragment) checkOptions(options, STREAM_FRAGMENT);
    const { batchSize = DEFAULT_BATCH_SIZE } = ownOptions(options);
    if (!Number.isInteger(batchSize) || Number(batchSize) < 1 || Number(batchSize) > MAX_BATCH_SIZE) {
      throw new UsageError(
        `The option 'batchSize' must be a whole number from 1 to ${MAX_BATCH_SIZE}. It was ${String(batchSize)}.`,
        { code: 'INVALID_OPTION' },
      );
    }
    const described =
      source instanceof Fragment
        ? this.#tools.raw.streamed(source)
        : this.#statements.streamed(source, options);
    return this.#scope.sender.stream(described, options, Number(batchSize)) as AsyncGenerator<never, void>;
  }

  async explain(
    source: unknown,
    options: CallOptions & { readonly analyze?: boolean } = NO_OPTIONS,
  ): Promise<string> {
    checkOptions(options, EXPLAIN);
    const described =
      source instanceof Fragment ? this.#tools.raw.fragment(source) : DescribedStatement.from(source);
    const analyze = flag(ownOptions(options).analyze, 'analyze');
    return believed(this.#scope.sender.explain(described, options, analyze));
  }

  async explainCache(built: unknown): Promise<CacheReport> {
    return this.#scope.sender.explainCache(DescribedStatement.from(built)) as Promise<CacheReport>;
  }

  async notify(channel: string, payload = '', options: CallOptions = NO_OPTIONS): Promise<void> {
    checkOptions(options, NOTIFY);
    return this.#send(
      new DescribedStatement('notify', undefined, () => prepareNotify(channel, payload)),
      options,
    );
  }

  async listen(
    channel: string,
    handler: NotificationHandler,
    options: CallOptions = NO_OPTIONS,
  ): Promise<Subscription> {
    checkOptions(options, LISTEN);
    return believed(this.#scope.listen(channel, handler, options));
  }

  async transaction<Result>(
    work: (tx: Handle<DB, Schema>) => Promise<Result>,
    options: TransactionOptions = NO_OPTIONS,
  ): Promise<Result> {
    assertFunction(work, 'transaction');
    return believed(this.#scope.transaction((inner) => work(this.#over(inner)), ownOptions(options)));
  }

  as(identity: Identity): Handle<DB, Schema> {
    return this.#over(this.#scope.as(identity));
  }

  runAs<Result>(identity: Identity, work: () => Result): Result {
    assertFunction(work, 'runAs');
    return this.#scope.runAs(identity, work);
  }

  outside<Result>(work: () => Result): Result {
    assertFunction(work, 'outside');
    return this.#scope.outside(work);
  }

  withToken(token: string): Handle<DB, Schema> {
    return this.#over(this.#scope.withToken(token));
  }

  schema<Name extends SchemaName<DB>>(name: Name): Handle<DB, Name> {
    return new Handle(this.#scope, this.#tools, name);
  }

  get build(): StatementMethods<DB[Schema]> {
    return this.#tools.built(this.#schema);
  }

  #over(scope: Scope): Handle<DB, Schema> {
    return new Handle(scope, this.#tools, this.#schema);
  }

  #send(described: DescribedStatement<unknown>, options: CallOptions): Promise<never> {
    return believed(this.#scope.sender.send(described, options));
  }
}

/** The type follows from the `Database` generic, or from what this file knows: nothing here can check it. */
function believed(answer: Promise<unknown>): Promise<never> {
  return answer as Promise<never>;
}

function assertFunction(work: unknown, method: string): void {
  if (typeof work === 'function') return;
  throw new UsageError(
    `${method}() needs a function. It was ${work === null ? 'null' : `of type ${typeof work}`}.`,
    {
      code: 'INVALID_OPTION',
    },
  );
}

function isTemplate(first: TemplateStringsArray | SqlOptions): first is TemplateStringsArray {
  return Array.isArray(first);
}
