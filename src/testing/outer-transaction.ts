import { ServiceError } from '../contract/errors.ts';
import type {
  BeginOptions,
  CallLimits,
  ConnectionMode,
  IsolationLevel,
  PinnedTransaction,
} from '../contract/mode.ts';

const UNLIMITED: CallLimits = {
  deadline: Number.POSITIVE_INFINITY,
  signal: undefined,
  maxRows: Number.MAX_SAFE_INTEGER,
  maxBytes: Number.MAX_SAFE_INTEGER,
};

/** What `use` of the transaction rejects with, so that its mode rolls back. */
const ROLL_BACK = Symbol('roll back');

interface Open {
  readonly transaction: PinnedTransaction;
  readonly rollBack: () => Promise<void>;
}

/** The transaction of a test, opened by its first call, and its levels. It is never committed. */
export class OuterTransaction {
  readonly #mode: ConnectionMode;
  readonly #isolation: IsolationLevel;
  #open: Open | undefined;
  #failure: unknown;
  /** Those that were begun. Each is a savepoint, once there is a transaction. */
  #levels = 0;
  /** Something was done before the first of them, which it must leave. */
  #isSeeded = false;

  constructor(mode: ConnectionMode, isolation: IsolationLevel) {
    this.#mode = mode;
    this.#isolation = isolation;
  }

  /** @param begin of the call that needs it. What follows acts as it likes, so its actor is not the transaction's. */
  async opened(begin: BeginOptions, limits: CallLimits): Promise<PinnedTransaction> {
    if (this.#failure !== undefined) {
      throw new ServiceError(
        'The transaction of this test was lost. What follows it in the test cannot run.',
        {
          code: 'TEST_TRANSACTION_LOST',
          hint: 'A call whose deadline passes, or that is aborted, ends the connection of the test.',
          cause: this.#failure,
        },
      );
    }
    if (this.#open === undefined) {
      this.#open = await this.#begin(begin);
      this.#isSeeded = this.#levels === 0;
      for (let level = 1; level <= this.#levels; level++) {
        await this.#open.transaction.command(`savepoint ${nameOf(level)}`, limits);
      }
    }
    return this.#open.transaction;
  }

  async push(limits: CallLimits): Promise<void> {
    const level = this.#levels + 1;
    if (this.#open !== undefined && this.#failure === undefined) {
      await this.#open.transaction.command(`savepoint ${nameOf(level)}`, limits);
    }
    this.#levels = level;
  }

  async pop(limits: CallLimits): Promise<void> {
    const level = this.#levels;
    this.#levels = Math.max(0, level - 1);
    if (this.#open === undefined) return;
    if (level === 0 || (level === 1 && !this.#isSeeded)) return this.end();
    // What later tests were to find went with the connection, so they are told that.
    if (this.#failure !== undefined) return;
    await this.#open.transaction.command(`rollback to savepoint ${nameOf(level)}`, limits);
    await this.#open.transaction.command(`release savepoint ${nameOf(level)}`, limits);
  }

  /** The connection is in an unknown state: nothing more may run on it. */
  fail(cause: unknown): void {
    this.#failure = cause;
  }

  /** Rolls everything back. The next call opens another transaction. */
  async end(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    this.#failure = undefined;
    await open?.rollBack();
  }

  #begin({ actor }: BeginOptions): Promise<Open> {
    const begin: BeginOptions = {
      actor: { ...actor, expiresAt: undefined },
      access: 'write',
      isolation: this.#isolation,
      statementTimeoutMs: 0,
    };
    return new Promise((resolve, reject) => {
      const held = Promise.withResolvers<never>();
      const whole = this.#mode
        .withTransaction(begin, UNLIMITED, (transaction) => {
          resolve({
            transaction,
            rollBack: () => {
              held.reject(ROLL_BACK);
              return whole;
            },
          });
          return held.promise;
        })
        .catch((error: unknown) => {
          if (error !== ROLL_BACK) reject(error);
        });
    });
  }
}

function nameOf(level: number): string {
  return `cdb_test_level_${level}`;
}
