import { ServiceError, ValidationError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, PinnedTransaction, StatementReply } from '../../contract/mode.ts';
import type { Statement, StatementKind } from '../../contract/statement.ts';
import {
  type CallOptions,
  CallRecord,
  limitsOf,
  mergedSettings,
  type ReadyStatement,
  readAll,
  uncapped,
} from '../call/call.ts';
import { withField } from '../call/explain-failure.ts';
import type { Prepare, Runner, StreamOptions } from '../call/runner.ts';
import type { Catalog } from '../catalog/model.ts';
import { isMissing } from '../catalog/outdated.ts';
import { unexpired } from '../identity/caller.ts';
import type { Pipeline } from '../pipeline.ts';
import { explainStatement, readThroughCursor } from './pinned-work.ts';

/** Settings that a statement asks for; in a transaction they are set before it, for the rest of it. */
const SET_LOCALLY = (count: number): string =>
  `select ${Array.from({ length: count }, (_, i) => `pg_catalog.set_config($${i * 2 + 1}, $${i * 2 + 2}, true)`).join(', ')}`;

let savepoints = 0;

/**
 * Runs statements in one open transaction, or in one of its savepoints. A call's own limits apply within those
 * of the transaction.
 *
 * Invariant: while a savepoint is open only its own runner runs statements, and none does after its end. What
 * another one wrote meanwhile would be undone, or kept, with a savepoint that it knows nothing of.
 */
export class TransactionRunner implements Runner {
  readonly #pipeline: Pipeline;
  readonly #transaction: PinnedTransaction;
  readonly #actor: Actor;
  readonly #limits: CallLimits;
  /** Read within the transaction when a name was missing: another connection may not be to be had. */
  #catalog: Catalog | undefined;
  #ended = false;
  #nested = 0;
  #turn: Promise<unknown> = Promise.resolve();

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
    const help = this.#pipeline.helpIn(this.#transaction, ready.statements[0], limits);
    for await (const rows of readThroughCursor(this.#transaction, ready, options.batchSize, limits, help)) {
      yield* rows;
      // As for the replies: what holds on to the array must not hold on to its rows.
      (rows as Row[]).length = 0;
    }
  }

  async explain(
    options: CallOptions & { readonly analyze: boolean },
    prepare: Prepare<ReadyStatement<unknown>>,
  ): Promise<string> {
    const limits = this.#limitsOf(options);
    const ready = await this.#prepare(limits, prepare);
    return explainStatement(this.#transaction, ready.statements[0], options.analyze, limits);
  }

  /** Runs `work` inside a savepoint: undone when it throws. Several run one after the other. */
  nested<T>(work: (inner: TransactionRunner) => Promise<T>): Promise<T> {
    if (this.#ended) return Promise.reject(ended());
    this.#nested += 1;
    const turn = this.#turn.then(() => this.#nest(work));
    this.#turn = turn
      .catch(() => undefined)
      .then(() => {
        this.#nested -= 1;
      });
    return turn;
  }

  /** Nothing runs through this runner any more. */
  end(): void {
    this.#ended = true;
  }

  async #nest<T>(work: (inner: TransactionRunner) => Promise<T>): Promise<T> {
    savepoints += 1;
    const name = `cdb_savepoint_${savepoints}`;
    const inner = new TransactionRunner(this.#pipeline, this.#transaction, this.#actor, this.#limits);
    await this.#transaction.command(`savepoint ${name}`, this.#limits);
    let result: T;
    try {
      result = await work(inner);
    } catch (error) {
      inner.end();
      await this.#undo(name, error);
      throw error;
    }
    inner.end();
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
      const [first] = ready;
      const help = first && this.#pipeline.helpIn(this.#transaction, first.statements[0], limits);
      const results = help === undefined ? [] : await readAll(ready, replies, help);
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
    const settings = mergedSettings(ready);
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

  async #prepare<T>(limits: CallLimits, prepare: Prepare<T>): Promise<T> {
    const catalog = this.#catalog ?? this.#pipeline.catalog;
    if (catalog === undefined) return this.#pipeline.prepare(this.#actor, limits, prepare);
    try {
      return prepare(catalog);
    } catch (error) {
      if (!isMissing(error) || this.#catalog !== undefined) throw error;
      this.#catalog = await this.#pipeline.readCatalogIn(this.#transaction, limits);
      return prepare(this.#catalog);
    }
  }

  #limitsOf(options: CallOptions): CallLimits {
    if (this.#ended) throw ended();
    if (this.#nested > 0) {
      throw new ValidationError(
        'A nested transaction is open: until it ends, use the handle that it was given.',
        {
          code: 'NESTED_TRANSACTION_OPEN',
        },
      );
    }
    unexpired(this.#actor, this.#pipeline.config.clock);
    const own = limitsOf(options, this.#pipeline.config);
    if (options.mode !== undefined && options.mode !== this.#transaction.mode) {
      throw new ValidationError(
        `The transaction runs in the mode '${this.#transaction.mode}'; a statement in it cannot take '${options.mode}'.`,
        { code: 'INVALID_OPTION' },
      );
    }
    const deadline = options.timeoutMs === undefined ? this.#limits.deadline : own.deadline;
    const signals = [options.signal, this.#limits.signal].filter((signal) => signal !== undefined);
    return {
      ...own,
      deadline: Math.min(deadline, this.#limits.deadline),
      signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0],
    };
  }
}

function ended(): ServiceError {
  return new ServiceError('The transaction has ended already.', { code: 'TRANSACTION_ENDED' });
}
