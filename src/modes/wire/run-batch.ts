import type { Clock } from '../../contract/clock.ts';
import {
  ConnectionError,
  type DatabaseError,
  OutcomeUnknownError,
  UsageError,
} from '../../contract/errors.ts';
import { unexpired } from '../../contract/expiry.ts';
import { aborted, replyMismatch, timedOut } from '../../contract/failures.ts';
import type { Batch, CallLimits, Field, StatementReply } from '../../contract/mode.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { SendOptions, SendStyle, WrittenBatch } from './batch-out.ts';
import { isBlock, writeBatch, writeCommand, writeDescribe } from './batch-writer.ts';
import type { ServerMessage } from './messages.ts';
import { isSetRole } from './missing-right.ts';
import { nextNonce } from './nonce.ts';
import { isNameFault, isStalePlan } from './prepared-statements.ts';
import { isRaised } from './raised-error.ts';
import { isStandbyRefusal } from './read-only-server.ts';
import type { ReplyEnd } from './reply-machine.ts';
import { translateServerError } from './server-errors.ts';
import { assertCommitted, endedBeneath } from './transaction-end.ts';
import type { WireConnection } from './wire-connection.ts';

const ROLLBACK_PATIENCE_MS = 1_000;
/** Notices may come with the answer. */
const MAX_ROLLBACK_BYTES = 1 << 20;

export interface RunContext {
  readonly clock: Clock;
  readonly style: SendStyle;
  readonly searchPath: string;
  /** Each batch may get another server connection: an error before the nonce may be another client's. */
  readonly pooled: boolean;
  /** Told of each name of a statement that a pooler did not know, or knew already. */
  readonly onNameFault?: (() => void) | undefined;
}

/**
 * Faults in the state of the connection that a second try fixes, and how. In all of them the server
 * refused the statement, so nothing was applied.
 */
type Recovery = 'forget-prepared' | 'lead' | 'stray-cancel';

/** Runs one batch on a connection, and again for each fault in the state of the connection. */
export async function runBatch(
  connection: WireConnection,
  batch: Batch,
  limits: CallLimits,
  context: RunContext,
): Promise<readonly StatementReply[]> {
  const raw = isRaw(batch);
  if (raw) connection.tainted = true;
  let end = await send(connection, batch, limits, context, writeBatch, false);
  if (end.error !== undefined) end = await recover(connection, batch, limits, context, writeBatch, end);
  if (end.status !== 'I') throw leftOpen(connection, batch);
  if (raw) assertEndedByUs(connection, batch, end);
  return end.replies;
}

/** Gets the columns of the batch's first statement without running it. */
export async function describeBatch(
  connection: WireConnection,
  batch: Batch,
  limits: CallLimits,
  context: RunContext,
): Promise<readonly Field[]> {
  // Nothing is run, so that it may be sent again as a read may.
  const read = { ...batch, access: 'read' } as const;
  const first = await send(connection, read, limits, context, writeDescribe, false);
  const end = await recover(connection, read, limits, context, writeDescribe, first);
  const reply = end.replies[0];
  return reply?.form === 'rows' ? reply.fields : [];
}

type Write = (connection: WireConnection, batch: Batch, options: SendOptions) => WrittenBatch;

/** Resolves with an end without an error, of the first or of a later try. */
async function recover(
  connection: WireConnection,
  batch: Batch,
  limits: CallLimits,
  context: RunContext,
  write: Write,
  first: ReplyEnd,
): Promise<ReplyEnd> {
  const tried = new Set<Recovery>();
  let refusal: DatabaseError | undefined;
  let end = first;
  while (end.error !== undefined) {
    const isOpen = end.status === 'E' && isBlock(batch);
    const status = isOpen ? await rollBack(connection, limits, context.clock) : end.status;
    const again = status === 'I' && maySendAgain(end, batch, context);
    const recovery = again ? recoveryFor(end.error, batch.access) : undefined;
    if (recovery === undefined || tried.has(recovery)) {
      const failure = failureOf(connection, end, end.error, batch, context);
      // A standby refuses the first command of the second try with another error than the write. What the first try
      // proved says nothing of the second.
      const isRefusal = refusal !== undefined && !end.confirmed && failure.outcome === 'not-applied';
      throw noted(refusal !== undefined && isRefusal ? refusal : failure, connection);
    }
    // In raw SQL it may be a name of its own.
    if (isNameFault(end.error) && !isRaw(batch)) context.onNameFault?.();
    if (end.error.code === '25006') refusal = translateServerError(end.error, { access: batch.access });
    tried.add(recovery);
    end = await send(connection, batch, limits, context, write, tried.has('lead'));
  }
  return end;
}

/** Throws if nothing was sent, and rejects if something was sent. */
function send(
  connection: WireConnection,
  batch: Batch,
  limits: CallLimits,
  context: RunContext,
  write: Write,
  led: boolean,
): Promise<ReplyEnd> {
  // The token may have expired while the call waited for its connection.
  unexpired(batch.actor, context.clock);
  const nonce = nextNonce();
  const { bytes, steps } = write(connection, batch, {
    style: context.style,
    searchPath: context.searchPath,
    nonce,
    statementTimeoutMs: remainingTimeout(batch.statementTimeoutMs, limits, context.clock),
    pooled: context.pooled,
    led,
  });
  const { access, ownTransactions: mayCommit } = batch;
  return connection.exchange({ bytes, steps, nonce, access, limits, mayCommit });
}

/**
 * An error ends the implicit transaction of a batch, but not a block. Where that cannot be rolled back in the time of the
 * call, the error that failed it is still the one to tell, and the connection serves nobody before it has rolled back.
 *
 * @returns the connection's transaction status
 */
async function rollBack(connection: WireConnection, callLimits: CallLimits, clock: Clock): Promise<string> {
  const limits = { deadline: clock.now() + ROLLBACK_PATIENCE_MS, maxRows: 0, maxBytes: MAX_ROLLBACK_BYTES };
  const written = writeCommand(connection, 'rollback');
  const rolledBack = connection.exchange({ ...written, nonce: '', access: 'read', limits });
  try {
    return (await withinLimits(rolledBack, callLimits, clock, 'while it was rolled back')).status;
  } catch {
    return connection.status;
  }
}

/** Only where the server is known to have applied nothing. */
function maySendAgain(end: ReplyEnd, batch: Batch, { pooled }: RunContext): boolean {
  if (batch.ownTransactions === true) return !end.confirmed;
  // An error before the nonce may be another client's.
  return end.confirmed || !pooled || batch.access === 'read';
}

/** Raw SQL, which is alone in its batch. */
function isRaw(batch: Batch): boolean {
  return batch.statements[0]?.plan.origin === 'raw';
}

/**
 * The smaller of the statement's own limit and the remaining time of the call. Throws when no time is left,
 * or when the call was aborted.
 */
export function remainingTimeout(statementTimeoutMs: number, limits: CallLimits, clock: Clock): number {
  if (limits.signal?.aborted === true) throw aborted(limits.signal, 'before it was sent');
  const left = limits.deadline - clock.now();
  if (left <= 0) throw timedOut('before the statement could be sent');
  return statementTimeoutMs > 0 ? Math.min(statementTimeoutMs, left) : left;
}

export function recoveryFor(error: ServerMessage, access: 'read' | 'write'): Recovery | undefined {
  if (isRaised(error)) return undefined;
  if (isNameFault(error) || isStalePlan(error)) return 'forget-prepared';
  switch (error.code) {
    case '25006':
      return access === 'write' ? 'lead' : undefined;
    case '25001':
      return 'lead';
    case '57014':
      // Exchanges that sent a cancel never get here: this cancel was meant for another client.
      return error.message?.includes('user request') === true ? 'stray-cancel' : undefined;
    default:
      return undefined;
  }
}

/**
 * A batch ends with its Sync. A transaction that is still open was started by raw SQL, which is alone in its
 * batch. After compiled statements the reply cannot be correct.
 */
function leftOpen(connection: WireConnection, batch: Batch): DatabaseError {
  const error = isRaw(batch)
    ? new UsageError('The SQL left a transaction open. It was rolled back.', {
        code: 'TRANSACTION_LEFT_OPEN',
        hint: 'Use transaction() instead of BEGIN.',
      })
    : replyMismatch('The server reports an open transaction.', batch.access);
  connection.destroy(error);
  return error;
}

/** What raw SQL was sent in ended by our Sync, or by our COMMIT where it is a block. */
function assertEndedByUs(connection: WireConnection, batch: Batch, end: ReplyEnd): void {
  if (end.controlTag !== undefined) {
    const error = endedBeneath();
    connection.destroy(error);
    throw error;
  }
  if (isBlock(batch)) assertCommitted(end.commitTag);
}

function failureOf(
  connection: WireConnection,
  end: ReplyEnd,
  error: ServerMessage,
  batch: Batch,
  context: RunContext,
): DatabaseError {
  const translated = translateServerError(error, { access: batch.access, inSetUp: !end.confirmed });
  if (batch.ownTransactions === true && end.confirmed) return mayHaveCommitted(translated);
  if (!context.pooled || end.confirmed) return translated;
  // Our set-up failed, or we got another client's error. The connection is not used again.
  connection.destroy(
    new ConnectionError('The set-up of a batch was not confirmed.', { code: 'NOT_CONFIRMED' }),
  );
  if (batch.access === 'read' || translated.outcome !== 'not-applied' || isOwnRefusal(error))
    return translated;
  return new OutcomeUnknownError(
    'The server sent an error before it confirmed the batch. The error may belong to another batch.',
    {
      code: 'NOT_CONFIRMED',
      sqlState: error.code,
      cause: translated,
    },
  );
}

function mayHaveCommitted(failure: DatabaseError): DatabaseError {
  return new OutcomeUnknownError(`SQL that commits by itself failed. ${failure.message}`, {
    sqlState: failure.sqlState,
    hint: 'What it committed before stays. Read back what it has done.',
    cause: failure,
  });
}

/** The same failure; the connection is told where its server is no longer the one that writes. */
export function noted(failure: DatabaseError, connection: WireConnection): DatabaseError {
  if (failure.code === 'SERVER_READ_ONLY') connection.isReadOnly = true;
  return failure;
}

/** What only a batch's lead or set-up can meet: the server is a standby, or the login may not become the role. */
function isOwnRefusal(error: ServerMessage): boolean {
  return (error.code === '42501' && isSetRole(error)) || isStandbyRefusal(error);
}
