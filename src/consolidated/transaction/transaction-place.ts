import { type DatabaseError, ServiceError, UsageError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, PinnedTransaction } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { CallPlace, InsideTransaction, Turn } from '../call/call.ts';
import { limitsOf } from '../call/limits.ts';
import type { Touched, TouchedTables } from '../call/touched.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import type { CallOptions } from '../typed/call-options.ts';
import type { TransactionCatalogs } from './transaction-catalogs.ts';
import { Turns } from './turns.ts';

let savepoints = 0;

/**
 * One open transaction, or one of its savepoints. A call's own limits apply within those of the transaction.
 *
 * Invariants: calls run one after the other, in the order in which they were made, each in the savepoint in which
 * it was made; while a savepoint is open none is admitted outside of it. What another one wrote meanwhile would
 * be undone, or kept, with a savepoint that it knows nothing of.
 */
export class TransactionPlace implements CallPlace, InsideTransaction {
  readonly inside = this;
  readonly transaction: PinnedTransaction;
  readonly catalogs: TransactionCatalogs;
  readonly actor: Actor;
  readonly #config: ServiceConfig;
  readonly limits: CallLimits;
  readonly #turns = new Turns();
  #closed: DatabaseError | undefined;
  #failed: DatabaseError | undefined;
  #nested = 0;
  readonly #touched: TouchedTables;

  /** @param touched gets what its statements change */
  constructor(
    transaction: PinnedTransaction,
    catalogs: TransactionCatalogs,
    actor: Actor,
    limits: CallLimits,
    config: ServiceConfig,
    touched: TouchedTables,
  ) {
    this.transaction = transaction;
    this.catalogs = catalogs;
    this.actor = actor;
    this.limits = limits;
    this.#config = config;
    this.#touched = touched;
  }

  admit(options: CallOptions): CallLimits {
    this.assertOpen();
    if (this.#nested > 0) {
      throw new UsageError('A nested transaction is open. Until it ends, use its own handle.', {
        code: 'NESTED_TRANSACTION_OPEN',
      });
    }
    const own = limitsOf(options, this.#config);
    if (options.mode !== undefined && options.mode !== this.transaction.mode) {
      throw new UsageError(
        `The transaction runs in the mode '${this.transaction.mode}'. A statement in it cannot use '${options.mode}'.`,
        { code: 'INVALID_OPTION' },
      );
    }
    const deadline = options.timeoutMs === undefined ? this.limits.deadline : own.deadline;
    const signals = [options.signal, this.limits.signal].filter((signal) => signal !== undefined);
    return {
      ...own,
      deadline: Math.min(deadline, this.limits.deadline),
      signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0],
    };
  }

  takeTurn(): Turn {
    return this.#turns.take();
  }

  get isOpen(): boolean {
    return this.#closed === undefined && this.#failed === undefined;
  }

  assertOpen(): void {
    if (this.#closed !== undefined) throw this.#closed;
    if (this.#failed !== undefined) throw this.#failed;
  }

  outdateCatalog(): void {
    this.catalogs.outdate();
    this.#touched.areDefinitions = true;
  }

  touch(touched: Touched): void {
    this.#touched.add(touched);
  }

  fail(cause: unknown): void {
    this.#failed ??= new ServiceError(
      'The answer to a write in this transaction could not be read, so the transaction can only roll back.',
      { code: 'TRANSACTION_FAILED', cause },
    );
    this.#turns.refuse(this.#failed);
  }

  /**
   * Runs `work` in this place, then waits for all that was begun in it, also when it throws: nothing of it is done
   * elsewhere, and none of its calls is refused for having come last.
   */
  async whole<T>(work: (place: TransactionPlace) => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await this.#inTime(promised(work(this)), 'while the function of the transaction was running');
    } catch (error) {
      this.#closed = ended();
      await this.#inTime(this.#turns.ended, 'while the calls of the transaction were running').catch(noMore);
      throw error;
    }
    this.#closed = ended();
    await this.#inTime(this.#turns.ended, 'while the calls of the transaction were running');
    if (this.#failed !== undefined) throw this.#failed;
    return result;
  }

  /** Runs `work` inside a savepoint: undone when it throws. It has its turn as a call has. */
  async nested<T>(work: (inner: TransactionPlace) => Promise<T>): Promise<T> {
    this.assertOpen();
    this.#nested += 1;
    const turn = this.takeTurn();
    try {
      const { clock } = this.#config;
      await withinLimits(turn.begins, this.limits, clock, 'while the nested transaction waited for its turn');
      return await this.#nest(work);
    } finally {
      this.#nested -= 1;
      turn.end();
    }
  }

  #inTime<T>(work: Promise<T>, what: string): Promise<T> {
    return withinLimits(work, this.limits, this.#config.clock, what);
  }

  async #nest<T>(work: (inner: TransactionPlace) => Promise<T>): Promise<T> {
    savepoints += 1;
    const name = `cdb_savepoint_${savepoints}`;
    const { transaction, catalogs, actor } = this;
    const inner = new TransactionPlace(
      transaction,
      catalogs,
      actor,
      this.limits,
      this.#config,
      this.#touched,
    );
    await transaction.command(`savepoint ${name}`, this.limits);
    try {
      const result = await inner.whole(work);
      await transaction.command(`release savepoint ${name}`, this.limits);
      return result;
    } catch (error) {
      await this.#undo(name, error);
      throw error;
    }
  }

  async #undo(savepoint: string, cause: unknown): Promise<void> {
    this.catalogs.undone();
    try {
      await this.transaction.command(`rollback to savepoint ${savepoint}`, this.limits);
    } catch (error) {
      // The transaction has ended with its connection; the first error gives the reason.
      if (error instanceof Error && own(error, 'cause') === undefined && error !== cause) error.cause = cause;
      throw error;
    }
  }
}

/** Code without types can pass a function that is over before its calls are. Any object with a `then` is a promise. */
export function promised<T>(result: Promise<T>): Promise<T> {
  const given: { readonly then?: unknown } | null | undefined = result;
  if (typeof given?.then === 'function') return result;
  throw new UsageError(
    `The function of transaction() must be async, or return a promise, so that the transaction waits for its calls. It returned ${result === null ? 'null' : `a value of type ${typeof result}`}.`,
    { code: 'INVALID_OPTION' },
  );
}

/** The error that ended the work is the one to tell. */
function noMore(): void {}

function ended(): ServiceError {
  return new ServiceError('The transaction has already ended.', { code: 'TRANSACTION_ENDED' });
}
