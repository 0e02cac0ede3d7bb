import type { Answer } from '../../contract/answer.ts';
import { DatabaseError, ServiceError, UnreadableDataError } from '../../contract/errors.ts';
import { internalError } from '../../contract/failures.ts';
import type { StatementReply } from '../../contract/mode.ts';
import { type Call, known } from './call.ts';
import { readByCatalog } from './read-by-catalog.ts';
import type { CallResult } from './ready-statement.ts';

/**
 * What the caller gets from the replies to its batch. The batch has ended: its writes are committed, whatever
 * happens to their rows here.
 */
export function readReplies(
  call: Call,
  replies: readonly StatementReply[],
  access: 'read' | 'write',
): Answer<CallResult> {
  assertAllAnswered(
    known(call.ready).statements.length,
    replies,
    access === 'write' ? 'unknown' : 'not-applied',
  );
  if (access === 'read') return readByCatalog(call, replies);
  try {
    const result = readByCatalog(call, replies);
    return result instanceof Promise ? result.catch(throwApplied) : result;
  } catch (error) {
    throwApplied(error);
  }
}

/** Throws unless each statement has its reply. */
export function assertAllAnswered(
  sent: number,
  replies: readonly StatementReply[],
  outcome: 'unknown' | 'not-applied',
): void {
  if (replies.length === sent) return;
  throw new ServiceError(`${sent} statements were sent, but ${replies.length} were answered.`, {
    code: 'NO_REPLY',
    outcome,
  });
}

/** A write was committed, but its rows cannot be returned: the caller must not write again. */
function throwApplied(error: unknown): never {
  if (!(error instanceof DatabaseError)) throw internalError(error, 'applied');
  // A reply that cannot be read proves nothing.
  if (error.outcome === 'unknown') throw error;
  const details = {
    code: error.code,
    hint: error.hint,
    field: error.field,
    outcome: 'applied',
    cause: error,
  } as const;
  const message = `The write was applied, but its rows could not be returned. ${error.message}`;
  throw error instanceof UnreadableDataError
    ? new UnreadableDataError(message, details)
    : new ServiceError(message, details);
}
