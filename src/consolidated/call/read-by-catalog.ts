import type { Answer } from '../../contract/answer.ts';
import type { StatementReply } from '../../contract/mode.ts';
import { isUnfitting } from '../values/columns-changed.ts';
import { type Call, known } from './call.ts';
import { recompile } from './compilation.ts';
import { type CallResult, type ReadyStatement, readableOf } from './ready-statement.ts';

/**
 * Reads the replies with the statement of the call. Where they are not of the types that it was compiled for, the call
 * is compiled anew, and the same replies are read with what came of it: nothing is sent again here.
 *
 * Throws `columnsChanged` where the new statement asks for other replies; `call.ready` is the new one then.
 */
export function readByCatalog(call: Call<unknown>, replies: readonly StatementReply[]): Answer<CallResult> {
  const ready = known(call.ready);
  try {
    const result = ready.read(replies, call);
    return result instanceof Promise
      ? result.catch((error: unknown) => readAnew(call, ready, replies, error))
      : result;
  } catch (error) {
    return readAnew(call, ready, replies, error);
  }
}

async function readAnew(
  call: Call<unknown>,
  sent: ReadyStatement<unknown>,
  replies: readonly StatementReply[],
  failure: unknown,
): Promise<CallResult> {
  let error = failure;
  // The first catalog may have been read for another call, before the change that this one met.
  for (let tried = 0; tried < 2 && isUnfitting(error); tried++) {
    try {
      await recompile(call, error);
    } catch {
      // No newer catalog, or none with the names of the call: what is known is that the columns have changed.
      throw error;
    }
    const anew = known(call.ready);
    if (!readAlike(sent, anew, replies)) throw error;
    try {
      return await anew.read(replies, call);
    } catch (again) {
      error = again;
    }
  }
  throw error;
}

/** The replies to one statement can be read as replies to the other. */
function readAlike(
  one: ReadyStatement<unknown>,
  other: ReadyStatement<unknown>,
  replies: readonly StatementReply[],
): boolean {
  const form = replies.some((reply) => reply.form === 'document') ? 'document' : 'rows';
  return readableOf(one, form) === readableOf(other, form);
}
