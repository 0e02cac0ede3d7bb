import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../contract/clock.ts';
import { DatabaseError, UsageError } from '../contract/errors.ts';
import { unexpired } from '../contract/expiry.ts';
import { modeCannot } from '../contract/failures.ts';
import type {
  Batch,
  BeginOptions,
  CallLimits,
  ConnectionMode,
  Field,
  IsolationLevel,
  ModeCapabilities,
  ModeName,
  OneConnection,
  PinnedTransaction,
  PoolStats,
  StatementReply,
} from '../contract/mode.ts';
import { own } from '../contract/own-property.ts';
import { withinLimits } from '../contract/within-limits.ts';
import { OuterTransaction } from './outer-transaction.ts';

const STRENGTH: readonly IsolationLevel[] = ['read committed', 'repeatable read', 'serializable'];

/**
 * A mode whose every batch and transaction is a savepoint of one transaction, which is never committed. Each savepoint begins
 * with the set-up of its own actor; one that only reads is rolled back, and so are the settings that it made.
 *
 * Calls run one after the other, because there is one connection.
 */
export class RolledBackMode implements ConnectionMode {
  readonly name: ModeName;
  readonly capabilities: ModeCapabilities;
  readonly #inner: ConnectionMode;
  readonly #clock: Clock;
  readonly #isolation: IsolationLevel;
  readonly #outer: OuterTransaction;
  /** The transaction in whose function a call is made. */
  readonly #within = new AsyncLocalStorage<{ isOpen: boolean }>();
  #tail: Promise<unknown> = Promise.resolve();
  #units = 0;

  constructor(inner: ConnectionMode, isolation: IsolationLevel, clock: Clock) {
    this.name = inner.name;
    this.capabilities = { ...inner.capabilities, parallel: false };
    this.#inner = inner;
    this.#clock = clock;
    this.#isolation = isolation;
    this.#outer = new OuterTransaction(inner, isolation);
  }

  async run(batch: Batch, limits: CallLimits): Promise<readonly StatementReply[]> {
    if (own(batch, 'ownTransactions') === true) {
      throw modeCannot(this.name, 'let SQL commit by itself in a test that is rolled back', COMMITS);
    }
    const claim = own(batch, 'claim');
    const statements = claim === undefined ? batch.statements : [claim, ...batch.statements];
    const once = () => this.#unit(begun(batch), limits, (transaction) => transaction.run(statements, limits));
    const replies = await once().catch((error: unknown) => {
      // The table has changed since the statement was prepared. Outside of a transaction a batch is sent again too.
      if (error instanceof DatabaseError && error.code === 'STATEMENT_OUTDATED') return once();
      throw error;
    });
    // What claims a key answers first, and is no statement of the caller.
    return claim === undefined ? replies : replies.slice(1);
  }

  describe(batch: Batch, limits: CallLimits): Promise<readonly Field[]> {
    return this.#unit({ ...begun(batch), access: 'read' }, limits, async (transaction) => {
      const [statement] = batch.statements;
      return statement === undefined ? [] : transaction.describe(statement, limits);
    });
  }

  async withTransaction<T>(
    options: BeginOptions,
    limits: CallLimits,
    use: (transaction: PinnedTransaction) => Promise<T>,
  ): Promise<T> {
    if (STRENGTH.indexOf(options.isolation) > STRENGTH.indexOf(this.#isolation)) {
      throw modeCannot(
        this.name,
        `run a transaction that is ${options.isolation} in a test whose transaction is ${this.#isolation}`,
        `Give rollbackDatabase the option 'isolation': '${options.isolation}'.`,
      );
    }
    return this.#unit(options, limits, async (transaction) => {
      const inside = { isOpen: true };
      try {
        const result = await this.#within.run(inside, () => use(transaction));
        // As before a COMMIT.
        unexpired(options.actor, this.#clock);
        return result;
      } finally {
        inside.isOpen = false;
      }
    });
  }

  /** Of the connections behind it: what is asked of the login is not part of the test. */
  onOneConnection<T>(limits: CallLimits, use: (connection: OneConnection) => Promise<T>): Promise<T> {
    return this.#inner.onOneConnection(limits, use);
  }

  /** Begins a level, to which `rollback` returns. */
  begin(limits: CallLimits): Promise<void> {
    return this.#inTurn(limits, () => this.#outer.push(limits));
  }

  /** Undoes everything since the last `begin`, or since the beginning. */
  rollback(limits: CallLimits): Promise<void> {
    return this.#inTurn(limits, () => this.#outer.pop(limits));
  }

  get isFull(): boolean {
    return false;
  }

  hasRoom(): boolean {
    return true;
  }

  get expectedMs(): number {
    return 0;
  }

  get restMs(): number {
    return this.#inner.restMs;
  }

  dropIdle(): void {
    this.#inner.dropIdle();
  }

  stats(): PoolStats {
    return this.#inner.stats();
  }

  async close(drainMs: number): Promise<void> {
    await this.#outer.end();
    await this.#inner.close(drainMs);
  }

  #unit<T>(
    begin: BeginOptions,
    limits: CallLimits,
    work: (transaction: PinnedTransaction) => Promise<T>,
  ): Promise<T> {
    return this.#inTurn(limits, async () => {
      const transaction = await this.#outer.opened(begin, limits);
      this.#units += 1;
      const name = `cdb_test_${this.#units}`;
      try {
        await transaction.command(`savepoint ${name}`, limits);
        await transaction.actAs(this.#setUpOf(begin, limits), limits);
        const result = await work(transaction);
        if (begin.access === 'write') {
          await checkDeferred(transaction, limits);
        } else {
          await transaction.command(`rollback to savepoint ${name}`, limits);
        }
        await transaction.command(`release savepoint ${name}`, limits);
        return result;
      } catch (error) {
        await this.#undo(transaction, name, error);
        throw error;
      }
    });
  }

  #setUpOf(begin: BeginOptions, { deadline }: CallLimits): BeginOptions {
    const left = Math.max(1, deadline - this.#clock.now());
    const { statementTimeoutMs: ofRole } = begin;
    const capped = ofRole > 0 ? Math.min(ofRole, left) : left;
    return {
      ...begin,
      isolation: this.#isolation,
      statementTimeoutMs: Number.isFinite(capped) ? capped : ofRole,
    };
  }

  /** The limits of the call may have ended with it. The error that led here is the one to tell. */
  async #undo(transaction: PinnedTransaction, savepoint: string, cause: unknown): Promise<void> {
    const limits: CallLimits = {
      deadline: this.#clock.now() + UNDO_PATIENCE_MS,
      signal: undefined,
      maxRows: 0,
      maxBytes: 1 << 20,
    };
    try {
      await transaction.command(`rollback to savepoint ${savepoint}`, limits);
      await transaction.command(`release savepoint ${savepoint}`, limits);
    } catch (error) {
      this.#outer.fail(cause instanceof Error ? cause : error);
    }
  }

  async #inTurn<T>(limits: CallLimits, work: () => Promise<T>): Promise<T> {
    if (this.#within.getStore()?.isOpen === true) throw insideTransaction();
    const before = this.#tail;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#tail = before.then(() => ended);
    try {
      await withinLimits(before, limits, this.#clock, 'while another call used the connection of the test');
      return await work();
    } finally {
      end();
    }
  }
}

const UNDO_PATIENCE_MS = 2_000;
const COMMITS = 'What it commits could not be rolled back. Test it on a database of its own: clonedDatabase.';

function begun({ actor, access, settings, statementTimeoutMs }: Batch): BeginOptions {
  return { actor, access, isolation: 'read committed', settings, statementTimeoutMs };
}

/** A COMMIT would check them. Rolled back, so that they are deferred again for the next one. */
async function checkDeferred(transaction: PinnedTransaction, limits: CallLimits): Promise<void> {
  await transaction.command('savepoint cdb_test_constraints', limits);
  await transaction.command('set constraints all immediate', limits);
  await transaction.command('rollback to savepoint cdb_test_constraints', limits);
  await transaction.command('release savepoint cdb_test_constraints', limits);
}

function insideTransaction(): UsageError {
  return new UsageError(
    'A call on another handle inside the function of transaction() needs a second connection. A test that is rolled back has one.',
    {
      code: 'ONE_CONNECTION',
      hint: 'Call it before or after the transaction, or test this on a database of its own: clonedDatabase.',
    },
  );
}
