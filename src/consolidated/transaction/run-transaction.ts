import { DatabaseError, SerializationError, ValidationError } from '../../contract/errors.ts';
import type { IsolationLevel } from '../../contract/mode.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import { type CallOptions, CallRecord } from '../call/call.ts';
import type { Caller } from '../identity/caller.ts';
import type { Pipeline } from '../pipeline.ts';
import { TransactionRunner } from './transaction-runner.ts';

export interface TransactionOptions extends CallOptions {
  readonly isolation?: IsolationLevel | undefined;
  readonly readOnly?: boolean | undefined;
  readonly retries?: number | undefined;
}

const ISOLATION_LEVELS: readonly unknown[] = ['read committed', 'repeatable read', 'serializable'];
const KNOWN = new Set(['isolation', 'readOnly', 'retries', 'mode', 'timeoutMs', 'signal']);
const MAX_RETRIES = 100;
/** Grows with each retry and is spread at random, so that those who met do not meet again. */
const RETRY_DELAY_MS = 10;

/** Runs work in a transaction of its own, and all of it again after a serialization failure where that was asked for. */
export async function runTransaction<T>(
  pipeline: Pipeline,
  caller: Caller,
  options: TransactionOptions,
  work: (runner: TransactionRunner) => Promise<T>,
): Promise<T> {
  const { config } = pipeline;
  const record = CallRecord.start('transaction', config);
  try {
    const { isolation = 'read committed', readOnly = false, retries = 0, ...call } = checked(options);
    const limits = await pipeline.start(call);
    const actor = await pipeline.actorOf(caller, limits, record);
    const mode = await pipeline.modeFor('transaction', actor, call, [], limits, record);
    // The role's own statement timeout is known from the catalog.
    await pipeline.prepare(actor, limits, () => undefined);
    const begin = {
      actor,
      access: readOnly ? 'read' : 'write',
      isolation,
      statementTimeoutMs: pipeline.statementTimeout(actor),
    } as const;
    for (let tried = 0; ; tried++) {
      try {
        const result = await mode.withTransaction(begin, limits, async (transaction) => {
          const runner = new TransactionRunner(pipeline, transaction, actor, limits);
          try {
            return await withinLimits(
              work(runner),
              limits,
              config.clock,
              'while the work of the transaction went on',
            );
          } finally {
            runner.end();
          }
        });
        record?.end(0);
        return result;
      } catch (error) {
        if (tried >= retries || !mayRunAgain(error)) throw error;
        const delay = new Promise<void>((resolve) => {
          config.clock.schedule(resolve, RETRY_DELAY_MS * 2 ** Math.min(tried, 6) * (0.5 + Math.random()));
        });
        await withinLimits(delay, limits, config.clock, 'before the transaction could be run again');
      }
    }
  } catch (error) {
    record?.end(0, error);
    throw error;
  }
}

function mayRunAgain(error: unknown): boolean {
  return (
    error instanceof SerializationError && error instanceof DatabaseError && error.sqlState !== undefined
  );
}

function checked(options: TransactionOptions): TransactionOptions {
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) {
      throw invalid(`transaction() has no option '${name}'. Known are: ${[...KNOWN].join(', ')}.`);
    }
  }
  // Read once: what is checked here is what is used.
  const { isolation, readOnly, retries, mode, timeoutMs, signal } = options;
  if (isolation !== undefined && !ISOLATION_LEVELS.includes(isolation)) {
    throw invalid(`The option 'isolation' takes ${ISOLATION_LEVELS.join(', ')}.`);
  }
  if (readOnly !== undefined && typeof readOnly !== 'boolean')
    throw invalid("The option 'readOnly' takes true or false.");
  if (retries !== undefined && (!Number.isInteger(retries) || retries < 0 || retries > MAX_RETRIES)) {
    throw invalid(
      `The option 'retries' takes a whole number from 0 to ${MAX_RETRIES}. It was ${String(retries)}.`,
    );
  }
  if (mode === 'transaction') {
    throw invalid(
      "The option 'mode' of transaction() takes direct, session or embedded: a pooler in transaction mode cannot hold it.",
    );
  }
  return { isolation, readOnly, retries, mode, timeoutMs, signal };
}

function invalid(message: string): ValidationError {
  return new ValidationError(message, { code: 'INVALID_OPTION' });
}
