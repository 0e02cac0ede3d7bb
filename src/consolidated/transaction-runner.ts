import { ServiceError, ValidationError } from '../contract/errors.ts';
import type { Actor } from '../contract/identity.ts';
import type { CallLimits, Field, PinnedTransaction, StatementReply } from '../contract/mode.ts';
import type { Statement, StatementKind } from '../contract/statement.ts';
import { type CallOptions, CallRecord, limitsOf, type ReadyStatement, readAll } from './call.ts';
import { withField } from './explain-failure.ts';
import { explainStatement, readThroughCursor } from './pinned-work.ts';
import { type Pipeline, uncapped } from './pipeline.ts';
import type { Prepare, Runner, StreamOptions } from './runner.ts';

/** Settings that a statement asks for; in a transaction they are set before it, for the rest of it. */
const SET_LOCALLY = (count: number): string =>
  `select ${Array.from({ length: count }, (_, i) => `pg_catalog.set_config($${i * 2 + 1}, $${i * 2 + 2}, true)`).join(', ')}`;

let savepoints = 0;

/** Runs statements in one open transaction. A call's own limits apply within those of the transaction. */
export class TransactionRunner implements Runner {
  readonly #pipeline: Pipeline;
  readonly #transaction: PinnedTransaction;
  readonly #actor: Actor;
  readonly #limits: CallLimits;

  constructor(pipeline: Pipeline, transaction: PinnedTransaction, actor: Actor, limits: CallLimits) {
    this.#pipeline = pipeline;
    this.#transaction = transaction;
    this.#actor = actor;
    this.#limits = limits;
  }

  async run<T>(kind: StatementKind, options: CallOptions, prepare: Prepare<ReadyStatement<T>>): Promise<T> {
    const [result] = await this.#run(kind, options, async (limits) => [await this.#prepare(limits, prepare)]);
    return result as T;
  }

  runAll(options: CallOptions, prepare: Prepare<readonly ReadyStatement<unknown>[]>): Promise<unknown[]> {
    return this.#run('batch', options, (limits) => this.#prepare(limits, prepare));
  }

  async *stream<Row>(
    options: StreamOptions,
    prepare: Prepare<ReadyStatement<readonly Row[]>>,
  ): AsyncGenerator<Row, void> {
    const limits = this.#limitsOf(options);
    const ready = await this.#prepare(limits, prepare);
    for await (const rows of readThroughCursor(this.#transaction, ready, options.batchSize, limits))
      yield* rows;
  }

  async explain(
    options: CallOptions & { readonly analyze: boolean },
    prepare: Prepare<ReadyStatement<unknown>>,
  ): Promise<string> {
    const limits = this.#limitsOf(options);
    const ready = await this.#prepare(limits, prepare);
    return explainStatement(this.#transaction, ready.statements[0], options.analyze, limits);
  }

  /** Runs `work` inside a savepoint: undone when it throws. */
  async nested<T>(work: () => Promise<T>): Promise<T> {
    savepoints += 1;
    const name = `cdb_savepoint_${savepoints}`;
    await this.#transaction.command(`savepoint ${name}`, this.#limits);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      await this.#undo(name, error);
      throw error;
    }
    await this.#transaction.command(`release savepoint ${name}`, this.#limits);
    return result;
  }

  async #undo(savepoint: string, cause: unknown): Promise<void> {
    try {
      await this.#transaction.command(`rollback to savepoint ${savepoint}`, this.#limits);
    } catch (error) {
      // The transaction is gone with its connection; the first error says why.
      if (error instanceof Error && error.cause === undefined && error !== cause) error.cause = cause;
      throw error;
    }
  }

  async #run(
    kind: StatementKind,
    options: CallOptions,
    prepare: (
      limits: CallLimits,
    ) => readonly ReadyStatement<unknown>[] | Promise<readonly ReadyStatement<unknown>[]>,
  ): Promise<unknown[]> {
    const record = CallRecord.start(kind, this.#pipeline.config);
    if (record !== undefined) {
      record.actor = this.#actor;
      record.mode = this.#transaction.mode;
    }
    try {
      const limits = this.#limitsOf(options);
      const ready = await prepare(limits);
      const replies = await this.#send(ready, limits);
      const describe = (): Promise<readonly Field[]> => {
        const statement = ready[0]?.statements[0];
        return statement === undefined ? Promise.resolve([]) : this.#transaction.describe(statement, limits);
      };
      const results = await readAll(ready, replies, describe);
      record?.end(ready.reduce((sum, statement, i) => sum + statement.rows(results[i]), 0));
      return results;
    } catch (error) {
      const told = withField(error, this.#pipeline.catalog, this.#pipeline.config.schemas);
      record?.end(0, told);
      throw told;
    }
  }

  async #send(
    ready: readonly ReadyStatement<unknown>[],
    limits: CallLimits,
  ): Promise<readonly StatementReply[]> {
    const settings = ready.flatMap((one) => one.settings ?? []);
    const statements: Statement[] = ready.flatMap((one) => one.statements);
    if (settings.length > 0) {
      const text = SET_LOCALLY(settings.length);
      statements.unshift({
        plan: {
          text,
          document: '',
          name: `cdb_settings_${settings.length}`,
          intent: 'read',
          origin: 'compiled',
        },
        values: settings.flat(),
      });
    }
    const writes = statements.some(({ plan }) => plan.intent === 'write');
    const replies = await this.#transaction.run(statements, writes ? uncapped(limits) : limits);
    if (replies.length !== statements.length) {
      throw new ServiceError(`${statements.length} statements were sent, ${replies.length} answered.`, {
        code: 'NO_REPLY',
      });
    }
    return settings.length > 0 ? replies.slice(1) : replies;
  }

  #prepare<T>(limits: CallLimits, prepare: Prepare<T>): T | Promise<T> {
    return this.#pipeline.prepare(this.#actor, limits, prepare);
  }

  #limitsOf(options: CallOptions): CallLimits {
    if (options.mode !== undefined && options.mode !== this.#transaction.mode) {
      throw new ValidationError(
        `The transaction runs in the mode '${this.#transaction.mode}'; a statement in it cannot take '${options.mode}'.`,
        { code: 'INVALID_OPTION' },
      );
    }
    const own = options.timeoutMs === undefined ? this.#limits : limitsOf(options, this.#pipeline.config);
    const signals = [options.signal, this.#limits.signal].filter((signal) => signal !== undefined);
    return {
      ...own,
      deadline: Math.min(own.deadline, this.#limits.deadline),
      signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0],
    };
  }
}
