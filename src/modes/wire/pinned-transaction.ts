import {
  ConnectionError,
  type DatabaseError,
  SerializationError,
  ServiceError,
} from '../../contract/errors.ts';
import { unexpired } from '../../contract/expiry.ts';
import { connectionLost, replyMismatch } from '../../contract/failures.ts';
import type {
  BeginOptions,
  CallLimits,
  Field,
  ModeName,
  PinnedTransaction,
  StatementReply,
} from '../../contract/mode.ts';
import type { Statement } from '../../contract/statement.ts';
import type { SendOptions, WrittenBatch } from './batch-out.ts';
import {
  writeActAs,
  writeBegin,
  writeCommand,
  writeCommit,
  writeDescribeOnly,
  writeStatements,
} from './batch-writer.ts';
import type { ServerMessage } from './messages.ts';
import { nextNonce } from './nonce.ts';
import { isNameFault, isStalePlan } from './prepared-statements.ts';
import type { ReplyEnd } from './reply-machine.ts';
import { noted, type RunContext, recoveryFor, remainingTimeout } from './run-batch.ts';
import { translateServerError } from './server-errors.ts';
import { assertCommitted, endedBeneath } from './transaction-end.ts';
import type { WireConnection } from './wire-connection.ts';

/**
 * An interactive transaction on one connection. It never moves: when the connection breaks, or raw SQL
 * ends the transaction, everything after that throws.
 *
 * Invariant: each call expects the transaction status `T` (or `E` after an error) and destroys the
 * connection when it is `I`, because what came next would run without its identity. So it does when the tag of raw SQL
 * says that it began or ended a transaction: one that was chained has the status `T` too.
 */
export class OpenTransaction implements PinnedTransaction {
  readonly mode: ModeName;
  readonly #connection: WireConnection;
  #begin: BeginOptions;
  readonly #context: RunContext;
  #tail: Promise<unknown> = Promise.resolve();
  #ended: DatabaseError | undefined;
  /** Nothing was sent since BEGIN. */
  #isUntouched = true;

  private constructor(connection: WireConnection, mode: ModeName, begin: BeginOptions, context: RunContext) {
    this.#connection = connection;
    this.mode = mode;
    this.#begin = begin;
    this.#context = context;
  }

  static async open(
    connection: WireConnection,
    mode: ModeName,
    begin: BeginOptions,
    limits: CallLimits,
    context: RunContext,
  ): Promise<OpenTransaction> {
    const transaction = new OpenTransaction(connection, mode, begin, context);
    const end = await transaction.#start(limits);
    const again = end.error !== undefined && mayStartAgain(end.error, begin);
    if (again) await transaction.#startAgain(limits);
    else transaction.#assertStarted(end);
    return transaction;
  }

  run(statements: readonly Statement[], limits: CallLimits): Promise<readonly StatementReply[]> {
    return this.#inTurn(async () => {
      const isFirst = this.#isUntouched;
      this.#isUntouched = false;
      const isRaw = statements.some((statement) => statement.plan.origin === 'raw');
      if (isRaw) {
        this.#connection.tainted = true;
        this.#doubtNames();
      }
      let end = await this.#sent(statements, limits);
      if (isFirst && !isRaw && end.error !== undefined && mayStartAgain(end.error, this.#begin)) {
        await this.#startAgain(limits);
        end = await this.#sent(statements, limits);
      }
      if (end.error !== undefined && !isRaw && isOutdated(end.error)) throw statementOutdated(end.error);
      return this.#answered(end).replies;
    });
  }

  describe(statement: Statement, limits: CallLimits): Promise<readonly Field[]> {
    return this.#inTurn(async () => {
      const written = writeDescribeOnly(this.#connection, statement.plan.text);
      const reply = (await this.#open(written, nextNonce(), limits)).replies[0];
      return reply?.form === 'rows' ? reply.fields : [];
    });
  }

  actAs(begin: BeginOptions, limits: CallLimits): Promise<void> {
    return this.#inTurn(async () => {
      unexpired(begin.actor, this.#context.clock);
      remainingTimeout(0, limits, this.#context.clock);
      this.#isUntouched = false;
      this.#begin = begin;
      const options = this.#sendOptions();
      const written = writeActAs(this.#connection, begin, options);
      const end = await this.#exchange(written, options.nonce, limits, 'read', false);
      if (end.error !== undefined) throw this.#translate(end.error, !end.confirmed);
      this.#answered(end);
    });
  }

  command(text: string, limits: CallLimits): Promise<void> {
    return this.#inTurn(async () => {
      this.#isUntouched = false;
      if (this.#connection.tainted && text.startsWith('rollback to ')) this.#doubtNames();
      await this.#open(writeCommand(this.#connection, text), nextNonce(), limits);
    });
  }

  /** Resolves only when the server answered COMMIT; anything else throws. */
  commit(limits: CallLimits): Promise<void> {
    return this.#inTurn(async () => {
      remainingTimeout(0, limits, this.#context.clock);
      unexpired(this.#begin.actor, this.#context.clock);
      // Only from here on does a lost connection leave the outcome unknown.
      const commit = writeCommit(this.#connection, this.#begin);
      const end = await this.#exchange(commit, nextNonce(), limits, this.#begin.access);
      this.#ended = ended('committed');
      if (end.error !== undefined) {
        if (end.commitTag !== 'COMMIT') throw this.#translate(end.error);
        // It was committed; what failed is the tidying behind it.
        this.#connection.destroy(connectionLost('read', new Error('The session could not be tidied.')));
      }
      assertCommitted(end.commitTag);
      if (end.status !== 'I') {
        const error = replyMismatch('The server says that a transaction is open.', this.#begin.access);
        this.#connection.destroy(error);
        throw error;
      }
    });
  }

  /** Does nothing when the transaction has ended already. */
  async rollback(limits: CallLimits): Promise<void> {
    if (this.#ended !== undefined) return;
    await this.#inTurn(async () => {
      this.#ended = ended('rolled back');
      const end = await this.#exchange(
        writeCommand(this.#connection, 'rollback'),
        nextNonce(),
        limits,
        'read',
      );
      if (end.error !== undefined) throw this.#translate(end.error);
    });
  }

  #start(limits: CallLimits): Promise<ReplyEnd> {
    const options = this.#sendOptions();
    remainingTimeout(0, limits, this.#context.clock);
    unexpired(this.#begin.actor, this.#context.clock);
    return this.#exchange(writeBegin(this.#connection, this.#begin, options), options.nonce, limits);
  }

  /** Nothing of the caller's has run, or is lost by this: once more from BEGIN. */
  async #startAgain(limits: CallLimits): Promise<void> {
    await this.#exchange(writeCommand(this.#connection, 'rollback'), nextNonce(), limits, 'read');
    this.#assertStarted(await this.#start(limits));
  }

  #assertStarted(end: ReplyEnd): void {
    if (end.error === undefined && end.status === 'T') return;
    this.#connection.destroy(
      new ConnectionError('The transaction could not be opened.', { code: 'BEGIN_FAILED' }),
    );
    if (end.error === undefined) throw endedBeneath();
    throw noted(this.#translate(end.error, !end.confirmed), this.#connection);
  }

  /**
   * What runs now may be DDL, undo it, or be DEALLOCATE: with a name that was prepared before, the next statement could
   * be refused (0A000, 26000), which fails the whole transaction. So each is parsed again.
   */
  #doubtNames(): void {
    this.#connection.prepared.distrust();
  }

  #sent(statements: readonly Statement[], limits: CallLimits): Promise<ReplyEnd> {
    const options = this.#sendOptions();
    remainingTimeout(0, limits, this.#context.clock);
    const written = writeStatements(this.#connection, this.#begin, statements, options);
    return this.#exchange(written, options.nonce, limits);
  }

  #sendOptions(): SendOptions {
    return {
      style: this.#context.style,
      searchPath: this.#context.searchPath,
      nonce: nextNonce(),
      statementTimeoutMs: this.#begin.statementTimeoutMs,
      pooled: this.#context.pooled,
      led: false,
    };
  }

  /** Runs one after the other, in the order of the calls, and none after the end. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(() => {
      if (this.#ended !== undefined) throw this.#ended;
      return work();
    });
    this.#tail = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async #open(written: WrittenBatch, nonce: string, limits: CallLimits): Promise<ReplyEnd> {
    remainingTimeout(0, limits, this.#context.clock);
    return this.#answered(await this.#exchange(written, nonce, limits));
  }

  /** Throws where it failed, or where the transaction has ended with it. */
  #answered(end: ReplyEnd): ReplyEnd {
    if (end.status === 'I' || end.controlTag !== undefined) {
      this.#ended = endedBeneath();
      this.#connection.destroy(this.#ended);
      throw this.#ended;
    }
    if (end.error !== undefined) throw this.#translate(end.error, false, end.replies.length);
    return end;
  }

  async #exchange(
    written: WrittenBatch,
    nonce: string,
    limits: CallLimits,
    // What was not committed is lost with its connection, unless raw SQL may have committed.
    access: 'read' | 'write' = this.#connection.tainted ? this.#begin.access : 'read',
    withoutNonce = true,
  ): Promise<ReplyEnd> {
    try {
      const { bytes, steps } = written;
      return await this.#connection.exchange({ bytes, steps, nonce, access, limits, withoutNonce });
    } catch (error) {
      // The connection may stay open until its cancel is answered; the transaction has ended.
      this.#ended ??= error as DatabaseError;
      throw error;
    }
  }

  #translate(error: NonNullable<ReplyEnd['error']>, inSetUp = false, statement = 0): DatabaseError {
    return translateServerError(error, { access: this.#begin.access, inSetUp, statement });
  }
}

/** The connection lost its named statements, or a cancel came that was meant for somebody else. */
function mayStartAgain(error: ServerMessage, { access }: BeginOptions): boolean {
  const recovery = recoveryFor(error, access);
  return recovery === 'forget-prepared' || recovery === 'stray-cancel';
}

/** The database has changed beneath a prepared statement, or the session has lost it. */
function isOutdated(error: ServerMessage): boolean {
  return isStalePlan(error) || isNameFault(error);
}

function statementOutdated({ code }: ServerMessage): SerializationError {
  return new SerializationError(
    'The database has changed since the statement was prepared on this connection, so it was refused.',
    {
      code: 'STATEMENT_OUTDATED',
      sqlState: code,
      hint: "Run the transaction again: the statement is then prepared anew. The option 'retries' of transaction() does that.",
    },
  );
}

function ended(how: string): DatabaseError {
  return new ServiceError(`The transaction was already ${how}.`, { code: 'TRANSACTION_ENDED' });
}
