import { ServiceError, ValidationError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, PinnedTransaction } from '../../contract/mode.ts';
import type { CallPlace } from '../call/call.ts';
import { limitsOf } from '../call/limits.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import type { CallOptions } from '../typed/call-options.ts';
import type { TransactionCatalogs } from './transaction-catalogs.ts';

let savepoints = 0;

/**
 * One open transaction, or one of its savepoints. A call's own limits apply within those of the transaction.
 *
 * Invariant: while a savepoint is open, only calls in it are admitted, and none after its end. Otherwise the
 * writes of other calls would be rolled back, or kept, with a savepoint that is not theirs.
 */
export class TransactionPlace implements CallPlace {
  readonly transaction: PinnedTransaction;
  readonly catalogs: TransactionCatalogs;
  readonly actor: Actor;
  readonly #config: ServiceConfig;
  readonly #limits: CallLimits;
  #ended = false;
  #nested = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    transaction: PinnedTransaction,
    catalogs: TransactionCatalogs,
    actor: Actor,
    limits: CallLimits,
    config: ServiceConfig,
  ) {
    this.transaction = transaction;
    this.catalogs = catalogs;
    this.actor = actor;
    this.#limits = limits;
    this.#config = config;
  }

  admit(options: CallOptions): CallLimits {
    if (this.#ended) throw ended();
    if (this.#nested > 0) {
      throw new ValidationError('A nested transaction is open. Until it ends, use its own handle.', {
        code: 'NESTED_TRANSACTION_OPEN',
      });
    }
    const own = limitsOf(options, this.#config);
    if (options.mode !== undefined && options.mode !== this.transaction.mode) {
      throw new ValidationError(
        `The transaction runs in the mode '${this.transaction.mode}'. A statement in it cannot use '${options.mode}'.`,
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

  /** Runs `work` inside a savepoint, and rolls back to it if `work` throws. Several run one after the other. */
  nested<T>(work: (inner: TransactionPlace) => Promise<T>): Promise<T> {
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

  /** Admits no further calls. */
  end(): void {
    this.#ended = true;
  }

  async #nest<T>(work: (inner: TransactionPlace) => Promise<T>): Promise<T> {
    savepoints += 1;
    const name = `cdb_savepoint_${savepoints}`;
    const inner = new TransactionPlace(
      this.transaction,
      this.catalogs,
      this.actor,
      this.#limits,
      this.#config,
    );
    await this.transaction.command(`savepoint ${name}`, this.#limits);
    let result: T;
    try {
      result = await work(inner);
    } catch (error) {
      inner.end();
      await this.#undo(name, error);
      throw error;
    }
    inner.end();
    await this.transaction.command(`release savepoint ${name}`, this.#limits);
    return result;
  }

  async #undo(savepoint: string, cause: unknown): Promise<void> {
    try {
      await this.transaction.command(`rollback to savepoint ${savepoint}`, this.#limits);
    } catch (error) {
      // The transaction has ended with its connection; the first error gives the reason.
      if (error instanceof Error && error.cause === undefined && error !== cause) error.cause = cause;
      throw error;
    }
  }
}

function ended(): ServiceError {
  return new ServiceError('The transaction has already ended.', { code: 'TRANSACTION_ENDED' });
}
