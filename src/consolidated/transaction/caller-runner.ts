import type { PinnedTransaction } from '../../contract/mode.ts';
import type { StatementKind } from '../../contract/statement.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import { type CallOptions, CallRecord, type ReadyStatement } from '../call/call.ts';
import type { Prepare, Runner, StreamOptions } from '../call/runner.ts';
import { type Caller, fixedCaller } from '../identity/caller.ts';
import type { Pipeline } from '../pipeline.ts';
import { Handover } from './handover.ts';
import { explainStatement, readThroughCursor } from './pinned-work.ts';

/** Runs statements as one caller, each by the way that the mode table names. */
export class CallerRunner implements Runner {
  readonly #pipeline: Pipeline;
  readonly #caller: Caller;

  constructor(pipeline: Pipeline, caller: Caller) {
    this.#pipeline = pipeline;
    this.#caller = caller;
  }

  run<T>(kind: StatementKind, options: CallOptions, prepare: Prepare<ReadyStatement<T>>): Promise<T> {
    return this.#pipeline.run(kind, this.#caller, options, prepare);
  }

  runAll(options: CallOptions, prepare: Prepare<readonly ReadyStatement<unknown>[]>): Promise<unknown[]> {
    return this.#pipeline.runAll(this.#caller, options, prepare);
  }

  stream<Row>(
    options: StreamOptions,
    prepare: Prepare<ReadyStatement<readonly Row[]>>,
  ): AsyncGenerator<Row, void> {
    return this.#stream(fixedCaller(this.#caller), options, prepare);
  }

  async *#stream<Row>(
    caller: Caller,
    options: StreamOptions,
    prepare: Prepare<ReadyStatement<readonly Row[]>>,
  ): AsyncGenerator<Row, void> {
    const { config } = this.#pipeline;
    const record = CallRecord.start('stream', config);
    let count = 0;
    let failure: unknown;
    try {
      const limits = await this.#pipeline.start(options);
      const actor = await this.#pipeline.actorOf(caller, limits, record);
      const ready = await this.#pipeline.prepare(actor, limits, prepare);
      const mode = await this.#pipeline.modeFor('stream', actor, options, [], limits, record);
      const handover = new Handover<readonly Row[]>();
      const pour = async (transaction: PinnedTransaction): Promise<void> => {
        const help = this.#pipeline.helpIn(transaction, ready.statements[0], limits);
        for await (const rows of readThroughCursor(transaction, ready, options.batchSize, limits, help)) {
          const taken = withinLimits(
            handover.offer(rows),
            limits,
            config.clock,
            'while the consumer of a stream rested',
          );
          if (!(await taken)) return;
        }
      };
      // The role's own statement timeout would run on while the consumer rests; the call's deadline bounds it.
      const begin = { actor, access: 'read', isolation: 'read committed', statementTimeoutMs: 0 } as const;
      const work = mode.withTransaction(begin, limits, pour).then(
        () => handover.end(),
        (error: unknown) => handover.end(error),
      );
      try {
        for (let rows = await handover.take(); rows !== undefined; rows = await handover.take()) {
          count += rows.length;
          yield* rows;
          // As for the replies: what holds on to the array must not hold on to its rows.
          (rows as Row[]).length = 0;
        }
      } finally {
        handover.stop();
        await work;
      }
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // Also when the consumer leaves early.
      record?.end(count, failure);
    }
  }

  async explain(
    options: CallOptions & { readonly analyze: boolean },
    prepare: Prepare<ReadyStatement<unknown>>,
  ): Promise<string> {
    const record = CallRecord.start('explain', this.#pipeline.config);
    try {
      const limits = await this.#pipeline.start(options);
      const actor = await this.#pipeline.actorOf(this.#caller, limits, record);
      const ready = await this.#pipeline.prepare(actor, limits, prepare);
      const mode = await this.#pipeline.modeFor('explain', actor, options, [], limits, record);
      const text = await mode.withTransaction(
        {
          actor,
          access: ready.statements[0].plan.intent,
          isolation: 'read committed',
          statementTimeoutMs: this.#pipeline.statementTimeout(actor),
          ...(ready.settings !== undefined && { settings: ready.settings }),
        },
        limits,
        (transaction) => explainStatement(transaction, ready.statements[0], options.analyze, limits),
      );
      record?.end(0);
      return text;
    } catch (error) {
      record?.end(0, error);
      throw error;
    }
  }
}
