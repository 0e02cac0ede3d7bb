import { ValidationError } from '../../contract/errors.ts';
import type { Identity } from '../../contract/identity.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { CallOptions, ReadyStatement } from '../call/call.ts';
import type { Prepare } from '../call/runner.ts';
import { CALL_OPTIONS, checkOptions, optionNames } from '../compile/check-options.ts';
import type { VectorSearchOptions } from '../compile/vector-search.ts';
import type { NotificationHandler, Subscription } from '../notifications/listener.ts';
import { prepareNotify } from '../notifications/notify.ts';
import { Fragment } from '../raw-sql/fragment.ts';
import type { TransactionOptions } from '../transaction/run-transaction.ts';
import { BuiltStatement } from './described-statement.ts';
import type { RawStatements, SqlOptions } from './raw-statements.ts';
import type { Scope } from './scope.ts';
import type { Options, Statements } from './statement-methods.ts';

const DEFAULT_BATCH_SIZE = 1_000;
const MAX_BATCH_SIZE = 100_000;
const BATCH = optionNames('batch');
const EXPLAIN = optionNames('explain', 'analyze');
const LISTEN = optionNames('listen');
const NOTIFY = optionNames('notify');
const STREAM_FRAGMENT = optionNames('stream', 'batchSize');
const NO_OPTIONS: Options = Object.freeze({});

type SqlTag = (first: TemplateStringsArray | SqlOptions, ...values: readonly unknown[]) => unknown;

/** What a handle makes its statements with. */
export interface Toolbox {
  readonly statements: (schema: string) => Statements;
  readonly raw: RawStatements;
}

/**
 * The methods of `db`, `db.as(…)` and `tx` alike: each describes a statement and gives it to the runner of
 * its scope. The types that callers see stand in `typed/`.
 */
export class Handle {
  readonly #scope: Scope;
  readonly #tools: Toolbox;
  readonly #statements: Statements;
  #build: Build | undefined;
  #sql: SqlTag | undefined;

  constructor(scope: Scope, tools: Toolbox, schema: string) {
    this.#scope = scope;
    this.#tools = tools;
    this.#statements = tools.statements(schema);
  }

  select(table: string, options: Options = NO_OPTIONS): Promise<unknown> {
    return this.#send('select', options, this.#statements.select(table, options));
  }

  selectOne(table: string, options: Options = NO_OPTIONS): Promise<unknown> {
    return this.#send('select', options, this.#statements.selectOne(table, options));
  }

  selectMaybe(table: string, options: Options = NO_OPTIONS): Promise<unknown> {
    return this.#send('select', options, this.#statements.selectMaybe(table, options));
  }

  count(table: string, options: Options = NO_OPTIONS): Promise<number> {
    return this.#send('count', options, this.#statements.count(table, options));
  }

  insert(table: string, rows: unknown, options: Options = NO_OPTIONS): Promise<unknown> {
    return this.#send('insert', options, this.#statements.insert(table, rows, options));
  }

  upsert(table: string, rows: unknown, options: Options = NO_OPTIONS): Promise<unknown> {
    return this.#send('upsert', options, this.#statements.upsert(table, rows, options));
  }

  update(table: string, set: unknown, options: Options = NO_OPTIONS): Promise<unknown> {
    return this.#send('update', options, this.#statements.update(table, set, options));
  }

  delete(table: string, options: Options = NO_OPTIONS): Promise<unknown> {
    return this.#send('delete', options, this.#statements.delete(table, options));
  }

  rpc(name: string, args: unknown = {}, options: Options = NO_OPTIONS): Promise<unknown> {
    return this.#send('rpc.write', options, this.#statements.rpc(name, args, options));
  }

  vectorSearch(table: string, options: VectorSearchOptions & CallOptions): Promise<unknown> {
    return this.#send('vectorSearch', options, this.#statements.vectorSearch(table, options));
  }

  /** Bound, because a tag is called without its object when it is taken out of the handle. */
  get sql(): SqlTag {
    this.#sql ??= (first, ...values) => this.#callSql(first, values);
    return this.#sql;
  }

  #callSql(first: TemplateStringsArray | SqlOptions, values: readonly unknown[]): unknown {
    const { raw } = this.#tools;
    if (Array.isArray(first)) {
      return this.#send(
        'sql',
        NO_OPTIONS,
        raw.template(first as unknown as TemplateStringsArray, values, {}),
      );
    }
    const options = raw.checked(first as SqlOptions);
    return (strings: TemplateStringsArray, ...more: readonly unknown[]) =>
      this.#send('sql', options, raw.template(strings, more, options));
  }

  async batch(built: readonly unknown[], options: CallOptions = NO_OPTIONS): Promise<unknown[]> {
    if (!Array.isArray(built) || built.length === 0) {
      throw new ValidationError('batch() takes an array of at least one statement made by db.build.', {
        code: 'INVALID_STATEMENT',
      });
    }
    checkOptions(options, BATCH);
    // Array.from visits holes too.
    const prepares = Array.from(built, (one) => BuiltStatement.read(one));
    return this.#scope.runner.runAll(options, (catalog) => prepares.map((prepare) => prepare(catalog)));
  }

  stream(source: string | Fragment, options: Options = NO_OPTIONS): AsyncGenerator<unknown, void> {
    if (source instanceof Fragment) checkOptions(options, STREAM_FRAGMENT);
    const { batchSize = DEFAULT_BATCH_SIZE } = options;
    if (!Number.isInteger(batchSize) || Number(batchSize) < 1 || Number(batchSize) > MAX_BATCH_SIZE) {
      throw new ValidationError(
        `The option 'batchSize' takes a whole number from 1 to ${MAX_BATCH_SIZE}. It was ${String(batchSize)}.`,
        { code: 'INVALID_OPTION' },
      );
    }
    const prepare =
      source instanceof Fragment
        ? this.#tools.raw.streamed(source)
        : this.#statements.streamed(source, options);
    return this.#scope.runner.stream({ ...options, batchSize: Number(batchSize) }, prepare);
  }

  async explain(
    source: unknown,
    options: CallOptions & { readonly analyze?: boolean } = NO_OPTIONS,
  ): Promise<string> {
    checkOptions(options, EXPLAIN);
    const prepare =
      source instanceof Fragment ? this.#tools.raw.fragment(source, {}) : BuiltStatement.read(source);
    return this.#scope.runner.explain({ ...options, analyze: options.analyze === true }, prepare);
  }

  async notify(channel: string, payload = '', options: CallOptions = NO_OPTIONS): Promise<void> {
    checkOptions(options, NOTIFY);
    return this.#send('notify', options, () => prepareNotify(channel, payload));
  }

  async listen(
    channel: string,
    handler: NotificationHandler,
    options: CallOptions = NO_OPTIONS,
  ): Promise<Subscription> {
    checkOptions(options, LISTEN);
    return this.#scope.listen(channel, handler, options);
  }

  async transaction<T>(
    work: (tx: Handle) => Promise<T>,
    options: TransactionOptions = NO_OPTIONS,
  ): Promise<T> {
    if (typeof work !== 'function') {
      throw new ValidationError('transaction() takes a function that is given the transaction.', {
        code: 'INVALID_OPTION',
      });
    }
    return this.#scope.transaction((inner) => work(this.#over(inner)), options);
  }

  as(identity: Identity): Handle {
    return this.#over(this.#scope.as(identity));
  }

  runAs<T>(identity: Identity, work: () => T): T {
    return this.#scope.runAs(identity, work);
  }

  withToken(token: string): Handle {
    return this.#over(this.#scope.withToken(token));
  }

  schema(name: string): Handle {
    return new Handle(this.#scope, this.#tools, name);
  }

  get build(): Build {
    this.#build ??= new Build(this.#statements);
    return this.#build;
  }

  #over(scope: Scope): Handle {
    return new Handle(scope, this.#tools, this.#statements.schema);
  }

  #send<T>(kind: StatementKind, options: CallOptions, prepare: Prepare<ReadyStatement<T>>): Promise<T> {
    return this.#scope.runner.run(kind, options, prepare);
  }
}

/** Statements described but not sent. */
class Build {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  select(table: string, options?: Options): BuiltStatement {
    refuseLimits(options);
    return new BuiltStatement('select', this.#statements.select(table, options));
  }

  count(table: string, options?: Options): BuiltStatement {
    refuseLimits(options);
    return new BuiltStatement('count', this.#statements.count(table, options));
  }

  insert(table: string, rows: unknown, options?: Options): BuiltStatement {
    refuseLimits(options);
    return new BuiltStatement('insert', this.#statements.insert(table, rows, options));
  }

  upsert(table: string, rows: unknown, options?: Options): BuiltStatement {
    refuseLimits(options);
    return new BuiltStatement('upsert', this.#statements.upsert(table, rows, options));
  }

  update(table: string, set: unknown, options?: Options): BuiltStatement {
    refuseLimits(options);
    return new BuiltStatement('update', this.#statements.update(table, set, options));
  }

  delete(table: string, options?: Options): BuiltStatement {
    refuseLimits(options);
    return new BuiltStatement('delete', this.#statements.delete(table, options));
  }

  rpc(name: string, args?: unknown, options?: Options): BuiltStatement {
    refuseLimits(options);
    return new BuiltStatement('rpc.write', this.#statements.rpc(name, args, options));
  }

  vectorSearch(table: string, options: VectorSearchOptions & CallOptions): BuiltStatement {
    refuseLimits(options);
    return new BuiltStatement('vectorSearch', this.#statements.vectorSearch(table, options));
  }
}

/** What is only described has no limits of its own: the call that sends it brings them. */
function refuseLimits(options: object | undefined): void {
  const given = CALL_OPTIONS.find((name) => options !== undefined && options !== null && name in options);
  if (given !== undefined) {
    throw new ValidationError(`build takes no '${given}': give it to batch() or explain().`, {
      code: 'UNKNOWN_OPTION',
    });
  }
}
